import os


def mount(path):
    """The person allows the access, and My Drive is the folder $COLAB_DRIVE; refuses it where there is none."""
    drive = os.environ.get("COLAB_DRIVE", "")
    if not os.path.isdir(drive):
        raise ValueError("mount failed")
    os.makedirs(path)
    os.symlink(drive, os.path.join(path, "MyDrive"))
