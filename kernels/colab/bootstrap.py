"""From a bare Python notebook to TypeScript cells: what the first cell of colab/*.ipynb runs."""
import contextlib
import importlib.util
import json
import os
import platform
import shutil
import sys
import time

import node
import packages
import ts_magic
from explained import Explained
from programs import last_lines, run

FREE_GB = 3
# The command of the Node.js that was found, for the cells after this one.
NODE = None
OLDEST_PYTHON = (3, 9)


def set_up(root, gpu="auto"):
    """`gpu`: `required` fails without one. What is there already is kept: a second run takes seconds."""
    started = time.monotonic()
    _check_machine(root)
    has_gpu = _check_gpu(gpu)
    global NODE
    with _step("Node.js") as say:
        NODE, version, origin = node.find_or_install(root)
        say(f"{'.'.join(map(str, version))}, {origin}")
    with _step("Packages") as say:
        say(packages.install(root))
    with _step("TensorFlow") as say:
        say(_bind_tensorflow(root, has_gpu))
    if has_gpu:
        with _step("ONNX Runtime on the GPU") as say:
            succeeded, output = _crpbot(root, "setup", "gpu")
            say(last_lines(output, 1) if succeeded else f"not used, models are scored on the CPU: {_reason(output)}")
    with _step("TypeScript kernel") as say:
        ts_magic.register(root, NODE, _plotly_url(root) if _on_colab() else None)
        say("started; cells that begin with %%ts are TypeScript")
    print(f"\nReady in {time.monotonic() - started:.0f} s: {root}")


@contextlib.contextmanager
def _step(name):
    """One line a step: what was found, and the seconds it took."""
    sys.stdout.write(f"{name}: ")
    sys.stdout.flush()
    started = time.monotonic()
    said = []
    yield said.append
    print(f"{' '.join(said)} ({time.monotonic() - started:.0f} s)")


def _check_machine(root):
    system = f"{platform.system()} {platform.machine()}"
    if system != "Linux x86_64":
        raise Explained("wrong-machine", f"this is {system}", "in Colab every machine is Linux x86_64; elsewhere follow the README")
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise Explained("python-too-old", f"this is Python {platform.python_version()}", "a notebook with Python 3.9 or newer")
    free = shutil.disk_usage(root).free / 1e9
    if free < FREE_GB:
        raise Explained("no-space", f"{free:.1f} GB are free, {FREE_GB} are needed", "Runtime > Disconnect and delete runtime, then Run all")
    print(f"Machine: {system}, Python {platform.python_version()}, {os.cpu_count()} cores, {free:.0f} GB free")


def _check_gpu(gpu):
    succeeded, output = run(["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"], None)
    if succeeded and output.strip():
        print(f"GPU: {output.strip().splitlines()[0]}")
        return True
    if gpu == "required":
        raise Explained("no-gpu", "a GPU was asked for and nvidia-smi finds none", 'Runtime > Change runtime type > T4 GPU, then Run all; or set GPU to "auto"')
    print("GPU: none. Everything works; scoring runs on the CPU's cores, and training a large model takes many times as long.")
    return False


def _bind_tensorflow(root, has_gpu):
    """Only training needs it, and works without."""
    without = "models are scored as ever, training would run on WebAssembly, about 30 times slower"
    if importlib.util.find_spec("tensorflow") is None:
        return f"not in this Python: {without}"
    succeeded, output = _crpbot(root, "setup", "tensorflow", "--python", sys.executable)
    if not succeeded:
        return f"not bound, {without}: {_reason(output)}"
    said = last_lines(output, 1)
    if has_gpu and "computes on the CPU" in said:
        said += " It does not use the GPU: training goes on without it, many times slower for a large model."
    return said


def _crpbot(root, *arguments):
    return run([NODE, root / "bin/crpbot.js", *arguments], root)


def _reason(output):
    return next((line for line in output.splitlines() if line.startswith("error")), last_lines(output, 1))


def _on_colab():
    try:
        return importlib.util.find_spec("google.colab") is not None
    except ModuleNotFoundError:
        return False


def _plotly_url(root):
    manifest = json.loads((root / "node_modules/plotly.js-dist-min/package.json").read_text())
    return f"https://cdn.jsdelivr.net/npm/plotly.js-dist-min@{manifest['version']}/plotly.min.js"
