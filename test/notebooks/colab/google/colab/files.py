import os
import shutil


def download(path):
    """The browser's folder of downloads is $COLAB_DOWNLOADS."""
    shutil.copy(path, os.environ["COLAB_DOWNLOADS"])


def upload():
    """The person chooses all files of $COLAB_UPLOADS; they land in the working directory, beside others of their name as Colab does it."""
    folder = os.environ["COLAB_UPLOADS"]
    return {_put(os.path.join(folder, name), name): b"" for name in sorted(os.listdir(folder))}


def _put(file, name):
    stem, dot, ending = name.partition(".")
    free = next(each for each in [name, *(f"{stem} ({count}){dot}{ending}" for count in range(1, 9))] if not os.path.exists(each))
    shutil.copy(file, free)
    return free
