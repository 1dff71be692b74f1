"""Where models and data come from: the sample, files uploaded by hand, Google Drive, S3, or an exchange."""
import hashlib
import json
import pathlib
import re
import shutil
import zipfile

from explained import Explained
from programs import last_lines, stream

# As `crpbot` itself knows them (src/candles/symbols.ts).
MODEL = re.compile(r"\.(pt|pth|safetensors|onnx)$", re.I)
FEATURES = re.compile(r"^features[_-].*\.(parquet|pq)$", re.I)
CANDLES = re.compile(r"^(?!features[_-]|(lstm|bilstm|gru|rnn|tcn|cnn|transformer|model|predictions|evaluation|results?|history|report)[_-]).*\.(parquet|pq|csv|csv\.gz)$", re.I)
KINDS = {"models": MODEL, "features": FEATURES, "candles": CANDLES}
FOLDERS = {"models": "models/new", "features": "data/features", "candles": "data/candles"}
EXPECTED = (
    "models lstm_BTC_USD_1m_<name>.pt (or .safetensors, .onnx), and for each of their symbols candles BTC-USD_1m_<dates>.parquet"
    " (or .csv) or features features_BTC-USD_1m_<date>_50feat.parquet"
)
# What src/notebook/colab-input.ts reads.
CHOICE = "results/colab-input.json"
AWS_NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION")
SAMPLE = (("BTC-SIM,ETH-SIM", "0.84"), ("SOL-SIM", "0.5"))


class Inputs:
    def __init__(self, root, node):
        self._root = pathlib.Path(root)
        self._node = node

    def sample(self):
        """Three small models, and the markets they know: simulated here, the same bytes each time."""
        if not (self._root / "data/sample").exists():
            for symbols, signal in SAMPLE:
                self._crpbot("simulate", "--days", "30", "--symbols", symbols, "--signal", signal, "--out", "data/sample")
        self._choose(None)
        print("The sample: models/sample with data/sample")

    def upload(self):
        """Files that lie beside the project (Files panel), else those of the upload dialog."""
        beside = [file for file in sorted(self._root.parent.iterdir()) if file.is_file() and _kind(file.name) is not None]
        if not beside:
            files = _colab("files")
            if files is None:
                raise Explained("no-files", f"no model or data lies in {self._root.parent}", f"put them there: {EXPECTED}")
            print(f"Choose all files at once: {EXPECTED}")
            beside = [self._root.parent / name for name in files.upload()]
        self._take(beside)

    def drive(self, folder):
        """A folder of Google Drive, `crpbot` being `My Drive/crpbot`."""
        drive = _colab("drive")
        mounted = pathlib.Path("/content/drive")
        if drive is not None and not (mounted / "MyDrive").exists():
            try:
                drive.mount(str(mounted))
            except Exception as error:
                raise Explained("drive-not-mounted", f"Google Drive was not mounted: {error}", "run this cell again and allow the access; or choose upload") from None
        source = mounted / "MyDrive" / folder
        if not source.is_dir():
            near = sorted(path.name for path in source.parent.iterdir() if path.is_dir()) if source.parent.is_dir() else []
            what = f"it has: {', '.join(near[:20])}" if near else "Google Drive is not mounted"
            raise Explained("drive-folder-missing" if near else "drive-not-mounted", f"{source} is not there; {what}", "name a folder of My Drive in FOLDER")
        self._take(sorted(file for file in source.rglob("*") if file.is_file()))

    def s3(self, address):
        """What `crpbot export` wrote to `s3://bucket/prefix`; credentials are in the environment or in Colab's Secrets panel."""
        target = self._root / "data/s3"
        self._crpbot("import", address, "--out", str(target), **_secrets())
        self._take(sorted(file for file in target.rglob("*") if file.is_file()))

    def collect(self, symbols, since, exchange):
        """Candles from an exchange; models as `upload` finds them."""
        self._crpbot("collect", "--exchange", exchange, "--symbols", symbols, "--since", since, "--out", "data/candles")
        self.upload()

    def _take(self, files):
        """Copies each file to where its kind belongs, whole, and says what came."""
        taken = {kind: [] for kind in KINDS}
        ignored = []
        for file in files:
            kind = _kind(file.name)
            if kind is None:
                ignored.append(file.name)
                continue
            _require_whole(file)
            target = self._root / FOLDERS[kind] / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            taken[kind].append(target)
            print(f"{kind[:-1] if kind == 'models' else kind}: {file.name}, {file.stat().st_size:,} bytes, sha256 {_hash(target)}")
        if ignored:
            print(f"not used: {', '.join(ignored[:20])}")
        has_data = bool(taken["candles"] or taken["features"] or _holds(self._root / FOLDERS["candles"]))
        if not taken["models"] or not has_data:
            lacking = "no model" if not taken["models"] else "no candles or features"
            found = ", ".join(file.name for file in files[:20]) or "no file"
            raise Explained("files-missing", f"{lacking} among what was found: {found}", f"expected are {EXPECTED}")
        self._choose({kind: [folder] for kind, folder in FOLDERS.items() if _holds(self._root / folder)})

    def _choose(self, choice):
        file = self._root / CHOICE
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(choice))

    def _crpbot(self, *arguments, **environment):
        succeeded, output = stream([self._node, self._root / "bin/crpbot.js", *arguments], self._root, **environment)
        if not succeeded:
            raise Explained("input-failed", f"crpbot {arguments[0]} failed:\n{last_lines(output)}", "see what it says above")


def _kind(name):
    return next((kind for kind, pattern in KINDS.items() if pattern.search(name)), None)


def _require_whole(file):
    """A file that is still being uploaded, or was cut, has no end."""
    size = file.stat().st_size
    with file.open("rb") as bytes:
        start = bytes.read(4)
        bytes.seek(max(0, size - 4))
        end = bytes.read(4)
    parquet_cut = re.search(r"\.(parquet|pq)$", file.name, re.I) and (start != b"PAR1" or end != b"PAR1")
    zip_cut = start == b"PK\x03\x04" and not zipfile.is_zipfile(file)
    if size == 0 or parquet_cut or zip_cut:
        raise Explained("half-uploaded", f"{file.name} is not whole: {size:,} bytes, sha256 {_hash(file)}", "wait until the upload has ended, or upload it again")


def _hash(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


def _holds(folder):
    return folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir())


def _secrets():
    """The names AWS's tools know, of those the person allowed this notebook to read: for one program, never printed."""
    userdata = _colab("userdata")
    secrets = {}
    for name in AWS_NAMES if userdata is not None else ():
        try:
            secrets[name] = userdata.get(name)
        except Exception:
            continue  # Not there, or not allowed: the SDK says what it lacks.
    return secrets


def _colab(name):
    """A part of Colab's own package, None elsewhere."""
    try:
        return getattr(__import__("google.colab", fromlist=[name]), name)
    except (ImportError, AttributeError):
        return None
