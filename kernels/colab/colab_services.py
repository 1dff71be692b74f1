"""What only Colab has: its Drive, its secrets, the browser's uploads and downloads. Elsewhere each is None or empty."""
import pathlib
import re

from explained import Explained

# As AWS's tools know them.
AWS_NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_ENDPOINT_URL")


def service(name):
    """A part of Colab's own package, None elsewhere."""
    try:
        return getattr(__import__("google.colab", fromlist=[name]), name)
    except (ImportError, AttributeError):
        return None


def drive_folder(content, folder):
    """The path of a folder of My Drive, mounted under `content` (Colab's /content); the folder need not be there."""
    mounted = pathlib.Path(content) / "drive"
    drive = service("drive")
    try:
        if drive is not None and not (mounted / "MyDrive").exists():
            drive.mount(str(mounted))
        here = (mounted / "MyDrive").is_dir()
    except Exception as error:
        raise Explained("drive-not-mounted", f"Google Drive was not mounted: {error}", "run this cell again and allow the access; or choose upload") from None
    if not here:
        raise Explained("drive-not-mounted", f"Google Drive is not mounted at {mounted}", "in Colab run this cell again and allow the access; elsewhere choose upload")
    # As a person writes it, or as "Copy path" of the Files panel gives it.
    return mounted / "MyDrive" / re.sub(r"^/*(content/)?(drive/)?(My ?Drive(/|$))?", "", folder.strip()).strip("/")


def aws_secrets():
    """Of the Secrets panel, what the person allowed this notebook to read: for one program's environment, never printed."""
    userdata = service("userdata")
    secrets = {}
    for name in AWS_NAMES if userdata is not None else ():
        try:
            secrets[name] = userdata.get(name)
        except Exception:
            continue  # Not there, or not allowed: the SDK says what it lacks.
    return secrets
