#@title 1. Set up: Node.js, the project, the TypeScript kernel (about a minute; nothing to type)
GPU = "auto" #@param ["auto", "required"]
#@markdown Empty: the project in this notebook. Else a release archive (URL or uploaded .tar.gz) or a git URL:
SOURCE = "" #@param {type:"string"}

import base64, hashlib, http.client, io, os, pathlib, re, shutil, subprocess, sys, tarfile, tempfile, urllib.request, zlib

class Explained(Exception):
    def _render_traceback_(self):
        return [str(self)]

def unpack(source, root):
    """Puts the project into `root`, beside what is there (packages, results). What the source says wins."""
    with tempfile.TemporaryDirectory(dir=root.parent) as folder:
        if source.endswith(".git") or source.startswith(("git@", "git+", "ssh://")) or re.fullmatch(r"https://git(hub|lab)\.com/[^/]+/[^/]+/?", source):
            command = ["git", "clone", "--quiet", "--depth", "1", source.removeprefix("git+"), folder + "/clone"]
            try:
                clone = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env={**os.environ, "GIT_TERMINAL_PROMPT": "0"})
                failure = clone.stderr if clone.returncode != 0 else None
            except OSError as error:
                failure = str(error)
            if failure is not None:
                raise Explained(f"source-unreadable: git cannot clone {source}\n{failure}\nWhat to do: check the address (a private repository asks for a name, which cannot be given here), or leave SOURCE empty")
        else:
            data = archive(source)
            try:
                with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
                    safe = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
                    tar.extractall(folder, **safe)
            except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
                raise Explained(f"source-unreadable: {source} is no whole .tar.gz ({len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()[:16]}): {error}\nWhat to do: upload it again, name a release archive (.tar.gz) or a git URL (ending in .git), or leave SOURCE empty")
        found = sorted(pathlib.Path(folder).glob("**/kernels/colab/bootstrap.py"), key=lambda path: len(path.parts))
        if not found:
            raise Explained(f"source-unreadable: {source or 'the archive in this notebook'} does not hold this project\nWhat to do: leave SOURCE empty, or name a release archive")
        shutil.copytree(found[0].parents[2], root, dirs_exist_ok=True)

def archive(source):
    if source == "":
        if "PROJECT" not in globals():
            raise Explained("archive-missing: the cell above, which holds the project, did not run\nWhat to do: Runtime > Run all")
        data = base64.b64decode("".join(PROJECT.split()) + "===")
        if hashlib.sha256(data).hexdigest() != PROJECT_SHA256:
            raise Explained(f"archive-damaged: the project in this notebook is not whole ({len(data):,} bytes)\nWhat to do: download the notebook and upload it again")
        return data
    if source.startswith(("http://", "https://")):
        try:
            with urllib.request.urlopen(source, timeout=60) as answer:
                return answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Explained(f"source-unreadable: {source}: {error}\nWhat to do: run this cell again; or upload the archive and name it in SOURCE; or leave SOURCE empty")
    if not os.path.isfile(source):
        raise Explained(f"source-unreadable: {os.path.abspath(source)} is not there; here are: {', '.join(sorted(os.listdir('.')))}\nWhat to do: upload it (Files panel on the left), or leave SOURCE empty")
    return pathlib.Path(source).read_bytes()

ROOT = pathlib.Path.cwd() / "crpbot"
ROOT.mkdir(exist_ok=True)
unpack(os.environ.get("CRPBOT_SOURCE", "") or SOURCE.strip(), ROOT)
sys.path.insert(0, str(ROOT / "kernels/colab"))
for name in [name for name, module in sys.modules.items() if str(ROOT / "kernels/colab") in (getattr(module, "__file__", None) or "")]:
    del sys.modules[name]  # Run again after an update: the new code counts.
import bootstrap
bootstrap.set_up(ROOT, GPU)
