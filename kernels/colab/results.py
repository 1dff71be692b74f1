"""The results on the person's own disk: the table and the report of the run that ended last, and models it trained."""
import pathlib
import shutil
import time
import zipfile

from colab_services import aws_secrets, drive_folder, service
from explained import Explained
from programs import crpbot
from take_files import kind_of

# Each table with its report: of an evaluation, of a comparison.
TABLES = {"evaluation_results.csv": "report.html", "compare.csv": "compare.html"}
MODELS = "models.zip"


def download(root, node=None, copy_to=""):
    """In Colab the browser downloads them; elsewhere their places are said. `copy_to`: a folder of My Drive, or `s3://bucket/prefix`."""
    tables = sorted((table for name in TABLES for table in (root / "results").rglob(name)), key=lambda file: file.stat().st_mtime)
    if not tables:
        raise Explained("no-results", f"no {' or '.join(TABLES)} lies in {root / 'results'}", "run the cells above first: Runtime > Run before")
    table = tables[-1]
    folder = table.parent
    found = [file for file in (table, table.with_name(TABLES[table.name]), _packed_models(folder)) if file is not None and file.exists()]
    # First: a browser that asks, or refuses, must not keep the results from where they were wanted.
    if copy_to.strip():
        _copy(table, root, node, copy_to.strip())
    files = service("files")
    for file in found:
        print(f"{file}: {file.stat().st_size:,} bytes")
        if files is not None:
            files.download(str(file))


def _packed_models(folder):
    """Models that this run trained; None where it only evaluated."""
    models = sorted(file for kind in ("models", "ensembles") for file in (folder / kind).glob("*.*") if kind_of(file) == "models")
    if not models:
        return None
    with zipfile.ZipFile(folder / MODELS, "w") as archive:
        for model in models:
            archive.write(model, model.name)
    return folder / MODELS


def _copy(table, root, node, copy_to):
    folder = table.parent
    name = f"{folder.name}_{time.strftime('%Y-%m-%d_%H%M%S', time.gmtime(table.stat().st_mtime))}"
    if copy_to.startswith("s3://"):
        address = f"{copy_to.rstrip('/')}/{name}"
        crpbot(root, node, "export", address, folder, **aws_secrets())
        print(f"copied to {address}")
        return
    target = drive_folder(root.parent, copy_to) / name
    try:
        shutil.copytree(folder, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*", "*.partial", "*.training"))
    except (OSError, shutil.Error) as error:
        raise Explained("drive-not-written", f"the results could not be copied to {target}: {error}", "make room in Google Drive, or leave COPY_TO empty: the browser downloads them") from None
    print(f"copied to {pathlib.Path(*target.parts[target.parts.index('MyDrive'):])}")
