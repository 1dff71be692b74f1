"""Executes a notebook on this project's TypeScript kernel: run_notebook.py [--registered] NOTEBOOK OUT

The kernel need not be installed; with --registered it is the one that this Python's Jupyter knows as `crpbot`. OUT receives the notebook with its outputs, also when a cell fails. Exit status: 0 every cell ran; 1 a cell failed (the
first failing one ends the run, its error is printed), or something failed in the background; 2 wrong usage.
"""
import os
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

PROJECT = Path(__file__).resolve().parents[2]
CELL_TIMEOUT_S = 1800


class NotebookFailed(Exception):
    """What to print: where, and the error as the kernel told it."""


def main(arguments):
    registered = arguments[:1] == ["--registered"]
    arguments = arguments[registered:]
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    source, out = map(Path, arguments)
    if not registered:
        os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("JUPYTER_PATH")]))
    notebook = nbformat.read(source, as_version=4)
    started = time.monotonic()
    try:
        execute(notebook, source.resolve().parent)
    except NotebookFailed as failure:
        print(f"{source}: {failure}", file=sys.stderr)
        return 1
    finally:
        out.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, out)
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    print(f"{source}: {cells} cells ran in {time.monotonic() - started:.0f} s, written to {out}")
    return 0


def execute(notebook, folder):
    client = NotebookClient(
        notebook,
        kernel_name="crpbot",
        timeout=CELL_TIMEOUT_S,
        startup_timeout=120,
        coalesce_streams=True,
        raise_on_iopub_timeout=True,
        iopub_timeout=30,
        resources={"metadata": {"path": str(folder)}},
    )
    # What native libraries print themselves, and the kernel's last words.
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        try:
            with client.setup_kernel(stdout=log, stderr=log):
                run_cells(client, notebook)
        except (DeadKernelError, RuntimeError) as error:
            log.seek(0)
            raise NotebookFailed(f"the kernel died ({error})\n{log.read()[-8000:]}") from error


def run_cells(client, notebook):
    reply = client.wait_for_reply(client.kc.kernel_info())
    notebook.metadata["language_info"] = reply["content"]["language_info"]
    for index, cell in enumerate(notebook.cells):
        name = f"cell {index + 1} ({cell.get('id', cell.cell_type)})"
        try:
            client.execute_cell(cell, index)
        except CellTimeoutError as error:
            raise NotebookFailed(f"{name} did not end in {CELL_TIMEOUT_S} s") from error
        except CellExecutionError as error:
            raise NotebookFailed(f"{name} failed\n{error.traceback}") from error
    # What failed in the background after the last cell has no cell to show it.
    leftover = client.wait_for_reply(client.kc.execute("", store_history=False))["content"]
    if leftover["status"] == "error":
        raise NotebookFailed("failed in the background\n" + "\n".join(leftover["traceback"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
