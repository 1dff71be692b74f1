"""Files of models and data, from wherever they lie, to the folders where crpbot looks: each whole, none replaced unseen."""
import contextlib
import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import tempfile
import zipfile

from explained import Explained

# As crpbot itself knows them (src/candles/symbols.ts).
MODEL = re.compile(r"(\.(pt|pth|safetensors|onnx)|^ensemble[_-].*\.json)$", re.I)
FEATURES = re.compile(r"^features[_-].*\.(parquet|pq)$", re.I)
NEITHER = r"(lstm|bilstm|gru|rnn|tcn|cnn|transformer|logistic|boosting|lightgbm|xgboost|catboost|ensemble|model|predictions|evaluation|results?|history|report)[_.-]"
CANDLES = re.compile(rf"^(?!features[_-]|{NEITHER}).*\.(parquet|pq|csv|csv\.gz)$", re.I)
KINDS = {"models": MODEL, "features": FEATURES, "candles": CANDLES}
FOLDERS = {"models": "models/new", "features": "data/features", "candles": "data/candles"}
# A month of the store: <exchange>/<symbol>/1m/2025-01.parquet, and what stands beside it.
MONTH = re.compile(r"^\d{4}-\d{2}\.parquet$")
BESIDE_MONTHS = ("manifest.json", "repairs.json")
# What a browser, and Colab's upload dialog, call a second file of one name.
SECOND = re.compile(r" \(\d+\)(?=\.)")
EXPECTED = (
    "models lstm_BTC_USD_1m_<name>.pt (or .safetensors, .onnx), and for each of their symbols candles BTC-USD_1m_<dates>.parquet"
    " (or .csv) or features features_BTC-USD_1m_<date>_50feat.parquet; a .zip of them will do"
)


def kind_of(file):
    """`models`, `features`, `candles`; None for any other file."""
    if file.name.startswith("."):
        return None
    if MONTH.match(file.name):
        return ("features" if _manifest(file.parent).get("featureSet") else "candles") if file.parent.name == "1m" else None
    return next((kind for kind, pattern in KINDS.items() if pattern.search(file.name)), None)


def take_files(files, root):
    """Copies each file, and those in a .zip, to where its kind belongs, and says what came: `{kind: [file]}`.

    Nothing is copied unless all are whole. Of one name twice (`x.pt`, `x (1).pt`) the newer is taken; from two folders it
    must be the same file.
    """
    root = pathlib.Path(root)
    taken = {kind: [] for kind in KINDS}
    (root / ".cache").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root / ".cache") as scratch:
        by_target, ignored = {}, []
        for file in [each for file in files for each in _unpacked(file, pathlib.Path(scratch))]:
            kind = kind_of(file)
            if kind is None:
                ignored.append(file.name)
                continue
            _require_whole(file)
            by_target.setdefault((kind, root / FOLDERS[kind] / _place(file)), []).append(file)
        chosen = [(kind, target, _newest(target.name, same)) for (kind, target), same in by_target.items()]
        for kind, target, file in chosen:
            taken[kind].append(target)
            what = "model" if kind == "models" else kind
            print(f"{what}: {target.relative_to(root / FOLDERS[kind])}, {file.stat().st_size:,} bytes, sha256 {_hash(file)}{_copy(file, target)}")
    # JSON stands beside data, and is no news.
    news = [name for name in ignored if not name.endswith(".json")]
    if news:
        print(f"not used: {', '.join(news[:20])}{f' and {len(news) - 20} more' if len(news) > 20 else ''}")
    return taken


def is_archive(file):
    """A .zip that holds something of ours."""
    return file.suffix.lower() == ".zip" and (not zipfile.is_zipfile(file) or any(kind_of(pathlib.Path(name)) for name in zipfile.ZipFile(file).namelist()))


def _unpacked(file, scratch):
    if file.suffix.lower() != ".zip":
        return [file]
    folder = pathlib.Path(tempfile.mkdtemp(dir=scratch))
    try:
        with zipfile.ZipFile(file) as archive:
            archive.extractall(folder)
    except (zipfile.BadZipFile, EOFError) as error:
        raise _half(file, error) from None
    except RuntimeError as error:
        raise Explained("files-missing", f"{file.name} cannot be unpacked: {error}", "pack it again without a password") from None
    return sorted(each for each in folder.rglob("*") if each.is_file() and not {"__MACOSX"} & set(each.parts) and not each.name.startswith("."))


def _place(file):
    """Its name; a month's with the folders that say whose it is."""
    return pathlib.Path(*file.parts[-4:]) if MONTH.match(file.name) else pathlib.Path(SECOND.sub("", file.name))


def _newest(name, files):
    """The one to take of several that would have one name."""
    if len({_hash(file) for file in files}) == 1:
        return files[0]
    if len({file.name for file in files}) < len(files):
        listed = "\n".join(f"  {file}: {file.stat().st_size:,} bytes, sha256 {_hash(file)}" for file in files)
        raise Explained("same-name", f"{name} is there with different contents:\n{listed}", "rename one, or take away those that are not meant")
    newest = max(files, key=lambda file: file.stat().st_mtime_ns)
    print(f"{newest.name} is the newest of {', '.join(sorted(file.name for file in files))}: it is taken as {name}")
    return newest


def _copy(file, target):
    """Copies what is not there yet, with what is read beside it. Says what that did to the one that was there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    names = BESIDE_MONTHS if MONTH.match(file.name) else (file.stem + ".json",) if FEATURES.search(file.name) else ()
    for beside in filter(pathlib.Path.exists, map(file.with_name, names)):
        _copy_whole(beside, target.with_name(SECOND.sub("", beside.name)))
    if not target.exists():
        said = ""
    elif target.stat().st_size == file.stat().st_size and _hash(target) == _hash(file):
        return " (was there)"
    else:
        said = f" (replaces another of {target.stat().st_size:,} bytes)"
    _copy_whole(file, target)
    return said


def _copy_whole(file, target):
    half = target.with_name(f".{target.name}.partial")
    try:
        shutil.copyfile(file, half)
    except OSError as error:
        with contextlib.suppress(OSError):
            half.unlink()
        if error.errno != 28:
            raise
        raise Explained("no-space", f"no room for {file.name} of {file.stat().st_size:,} bytes", "Runtime > Disconnect and delete runtime, then Run all") from None
    os.replace(half, target)


def _require_whole(file):
    """A file that is still being uploaded, or was cut, has no end."""
    size = file.stat().st_size
    try:
        with file.open("rb") as bytes:
            start = bytes.read(8)
            bytes.seek(max(0, size - 4))
            end = bytes.read(4)
            if size == 0:
                raise EOFError("it is empty")
            if re.search(r"\.(parquet|pq)$", file.name, re.I) and (start[:4] != b"PAR1" or end != b"PAR1"):
                raise EOFError("a Parquet file begins and ends with PAR1")
            if start[:4] == b"PK\x03\x04" and not zipfile.is_zipfile(file):
                raise EOFError("its list of contents, the end, is not there")
            if file.suffix.lower() == ".safetensors":
                bytes.seek(8)
                header = json.loads(bytes.read(int.from_bytes(start, "little")))
                expected = 8 + int.from_bytes(start, "little") + max((tensor["data_offsets"][1] for key, tensor in header.items() if key != "__metadata__"), default=0)
                if size != expected:
                    raise EOFError(f"it should have {expected:,}")
        if start[:2] == b"\x1f\x8b":
            with gzip.open(file) as unpacked:
                while unpacked.read(1 << 20):
                    pass
    except (EOFError, ValueError, OverflowError, gzip.BadGzipFile) as error:
        raise _half(file, error) from None


def _half(file, error):
    return Explained("half-uploaded", f"{file.name} is not whole: {file.stat().st_size:,} bytes, sha256 {_hash(file)} ({error})", "wait until the upload has ended, or upload it again")


def _hash(file):
    digest = hashlib.sha256()
    with file.open("rb") as bytes:
        while block := bytes.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()[:16]


def _manifest(folder):
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}
