"""The project's npm packages, and the kernel's: from npm, else from a file that was uploaded."""
import hashlib
import shutil
import tarfile
import time

from explained import Explained
from programs import last_lines, run

PAUSES_S = (5, 20)
UPLOADED = "crpbot-packages.tar.gz"


def install(root):
    """What is there already is kept. Says where the packages came from."""
    folders = [root, root / "kernels/crpbot"]
    if all(_stamp(folder).exists() for folder in folders):
        return "already there"
    uploaded = root.parent / UPLOADED
    if uploaded.exists():
        _unpack(uploaded, root)
        return f"from {uploaded}"
    for folder in folders:
        if not _stamp(folder).exists():
            _npm_ci(folder)
    return "from npm"


def _npm_ci(folder):
    for pause in (*PAUSES_S, None):
        succeeded, output = run(["npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], folder, npm_config_update_notifier="false")
        if succeeded:
            _stamp(folder).write_text("")
            return
        if pause is not None:
            print(f"npm failed, once more in {pause} s: {last_lines(output, 1)}")
            time.sleep(pause)
    raise Explained(
        "npm-failed",
        f"npm could not install the packages of {folder}:\n{last_lines(output)}",
        f"run this cell again. Without a network to npm: on a Linux machine that has one, in the project's folder,"
        f" `npm ci --omit=dev && npm ci --omit=dev --prefix kernels/crpbot && tar czf {UPLOADED} node_modules kernels/crpbot/node_modules`;"
        f" upload {UPLOADED} (Files panel on the left) and run this cell again",
    )


def _unpack(file, root):
    try:
        with tarfile.open(file) as tar:
            tar.extractall(root, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    except (tarfile.TarError, EOFError, OSError) as error:
        raise Explained("half-uploaded", f"{file} is not whole ({file.stat().st_size:,} bytes): {error}", "wait until the upload has ended, or upload it again") from None
    missing = [name for name in ("node_modules/tsx", "kernels/crpbot/node_modules/tslab") if not (root / name).exists()]
    if missing:
        raise Explained("npm-failed", f"{file} does not hold {', '.join(missing)}", "make it as the message of npm said")


def _stamp(folder):
    """A file that is there when the packages of this very lock file are."""
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()[:16]
    return folder / "node_modules" / f".crpbot-{lock}"
