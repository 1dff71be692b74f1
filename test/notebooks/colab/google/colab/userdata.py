import json
import os


class SecretNotFoundError(Exception):
    pass


def get(name):
    """The secrets the person lets the notebook read: $COLAB_SECRETS, as JSON."""
    try:
        return json.loads(os.environ.get("COLAB_SECRETS", "{}"))[name]
    except KeyError:
        raise SecretNotFoundError(f"Secret {name} does not exist.") from None
