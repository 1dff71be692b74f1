"""Where models and data come from: the sample, files uploaded by hand, Google Drive, S3, or an exchange."""
import json
import pathlib

from colab_services import aws_secrets, drive_folder, service
from explained import Explained
from programs import crpbot
from take_files import EXPECTED, FOLDERS, is_archive, kind_of, take_files

# What src/notebook/colab-input.ts reads.
CHOICE = "results/colab-input.json"
SAMPLE = (("BTC-SIM,ETH-SIM", "0.84"), ("SOL-SIM", "0.5"))


class Inputs:
    def __init__(self, root, node, needs_models=True):
        """`needs_models`: not where the notebook makes its own."""
        self._root = pathlib.Path(root)
        self._node = node
        self._needs_models = needs_models

    def sample(self):
        """Three small models, and the markets they know: simulated here, the same bytes each time."""
        if not (self._root / "data/sample").exists():
            for symbols, signal in SAMPLE:
                self._crpbot("simulate", "--days", "30", "--symbols", symbols, "--signal", signal, "--out", "data/sample")
        self._choose(None)
        print("The sample: models/sample with data/sample")

    def upload(self):
        """Files that lie beside the project (Files panel), else those of the upload dialog."""
        content = self._root.parent
        found = [file for file in sorted(content.iterdir()) if file.is_file() and (kind_of(file) is not None or is_archive(file))]
        if not found:
            files = service("files")
            if files is None:
                raise Explained("no-files", f"no model or data lies in {content}", f"put them there: {EXPECTED}")
            print(f"Choose all files at once: {EXPECTED}")
            found = [content / name for name in files.upload()]
        self._take(found)

    def drive(self, folder):
        """A folder of Google Drive, `crpbot` being `My Drive/crpbot`, and the folders in it."""
        source = drive_folder(self._root.parent, folder)
        try:
            if not source.is_dir():
                near = sorted(path.name for path in source.parent.iterdir() if path.is_dir()) if source.parent.is_dir() else []
                raise Explained("drive-folder-missing", f"My Drive has no folder {folder}; beside it: {', '.join(near[:20]) or 'none'}", "name a folder of My Drive in FOLDER")
            found = sorted(file for file in source.rglob("*") if file.is_file())
        except OSError as error:
            raise Explained("drive-not-mounted", f"Google Drive does not answer: {error}", "Runtime > Restart session, then Run all") from None
        self._take(found)

    def s3(self, address):
        """What `crpbot export` wrote to `s3://bucket/prefix`; credentials are in the environment or in Colab's Secrets panel."""
        if not address.strip().startswith("s3://"):
            raise Explained("no-address", f"ADDRESS is {address.strip() or 'empty'}", "write it as s3://bucket/prefix: what crpbot export was given")
        target = self._root / "data/s3" / address.strip().removeprefix("s3://").strip("/")
        self._crpbot("import", address.strip(), "--out", target, **aws_secrets())
        self._take(sorted(file for file in target.rglob("*") if file.is_file()))

    def collect(self, symbols, since, exchange, *options):
        """Candles from an exchange; models as `upload` finds them. `options`: more of `crpbot collect`."""
        collected = self._crpbot("collect", "--exchange", exchange, "--symbols", symbols, "--since", since, "--out", FOLDERS["candles"], *options)
        for series in collected["series"]:
            print(f"candles: {series['symbol']}, {series['totalCandles']:,} minutes of {series['exchange']}")
        if self._needs_models:
            self.upload()
        else:
            self._choose_what_is_there()

    def _take(self, files):
        taken = take_files(files, self._root)
        has_data = any(_holds(self._root / FOLDERS[kind]) for kind in ("candles", "features"))
        if (self._needs_models and not taken["models"]) or not has_data:
            lacking = "no candles or features" if taken["models"] or not self._needs_models else "no model"
            found = ", ".join(file.name for file in files[:20]) or "no file"
            raise Explained("files-missing", f"{lacking} among what was found: {found}", f"expected are {EXPECTED}")
        self._choose_what_is_there()

    def _choose_what_is_there(self):
        self._choose({kind: [folder] for kind, folder in FOLDERS.items() if _holds(self._root / folder)})

    def _choose(self, choice):
        file = self._root / CHOICE
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(choice))

    def _crpbot(self, *arguments, **environment):
        return crpbot(self._root, self._node, *arguments, **environment)


def _holds(folder):
    return folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir())
