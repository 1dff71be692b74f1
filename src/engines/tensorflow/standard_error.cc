// A native module of its own, loaded before TensorFlow: what its libraries print while they are loaded can be kept from
// the terminal in no other way (TF_CPP_MIN_LOG_LEVEL is read later). Exports silence() and restore(), POSIX only.
#include <fcntl.h>
#include <unistd.h>
#include "node_api.h"

static int saved = -1;

static napi_value Silence(napi_env, napi_callback_info) {
  const int nowhere = saved < 0 ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
  if (nowhere >= 0) {
    saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (saved >= 0) dup2(nowhere, STDERR_FILENO);
    close(nowhere);
  }
  return nullptr;
}

static napi_value Restore(napi_env, napi_callback_info) {
  if (saved >= 0) {
    dup2(saved, STDERR_FILENO);
    close(saved);
    saved = -1;
  }
  return nullptr;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      {"silence", nullptr, Silence, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"restore", nullptr, Restore, nullptr, nullptr, nullptr, napi_default, nullptr},
  };
  napi_define_properties(env, exports, 2, functions);
  return exports;
}
