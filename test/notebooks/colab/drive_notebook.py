"""Opens a notebook in a kernel and does what it is told, a JSON line on stdin a command, a JSON line on stdout an answer.

drive_notebook.py NOTEBOOK KERNEL_NAME FOLDER
{"run": "all"}             every cell, to the first failing one: [{id, seconds, failed, outputs}]
{"cell": source}           one more cell: {seconds, failed, outputs}
  "interrupt_after": s     with the notebook's interrupt after so many seconds; `seconds` then counts from it
"""
import json
import os
import signal
import sys
import threading
import time

import nbformat
from nbclient import NotebookClient


def execute(client, cell, index, interrupt_after=None):
    started = time.monotonic()
    if interrupt_after is not None:
        started += interrupt_after
        threading.Timer(interrupt_after, lambda: os.kill(client.km.provisioner.pid, signal.SIGINT)).start()
    client.execute_cell(cell, index)
    seconds = time.monotonic() - started
    failed = any(output.output_type == "error" for output in cell.outputs)
    return {"id": cell.id, "seconds": seconds, "failed": failed, "outputs": cell.outputs}


def run_all(client, notebook):
    ran = []
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            ran.append(execute(client, cell, index))
            if ran[-1]["failed"]:
                break
    return ran


def more(client, notebook, source, interrupt_after=None):
    notebook.cells.append(nbformat.v4.new_code_cell(source, id=f"more-{len(notebook.cells)}"))
    return execute(client, notebook.cells[-1], len(notebook.cells) - 1, interrupt_after)


def main(file, kernel, folder):
    notebook = nbformat.read(file, 4)
    # With errors allowed, ipykernel does not abort the request that follows a failed one at once: that has a reply and no output.
    client = NotebookClient(notebook, kernel_name=kernel, timeout=400, allow_errors=True, coalesce_streams=True, resources={"metadata": {"path": folder}})
    with client.setup_kernel():
        for line in sys.stdin:
            command = json.loads(line)
            answer = run_all(client, notebook) if "run" in command else more(client, notebook, command["cell"], command.get("interrupt_after"))
            print(json.dumps(answer), flush=True)


main(*sys.argv[1:])
