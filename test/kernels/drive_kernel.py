"""Drives one kernel for the tests: a JSON command a line on standard input, a JSON answer a line on standard output.

drive_kernel.py FOLDER       starts the kernel `crpbot` in FOLDER
{"run": CODE}                runs a cell; "stop_on_error": false, "interrupt_after": SECONDS, "timeout": SECONDS
{"send": [CODE, ...]}        sends cells at once, answers with each one's status
"""
import json
import subprocess
import sys
import threading
import time
from queue import Empty

from jupyter_client.manager import KernelManager


def main(folder):
    manager = KernelManager(kernel_name="crpbot")
    # Not our standard output: the kernel would make the pipe non-blocking, for us too.
    manager.start_kernel(cwd=folder, stdout=subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    answer({"ready": True, "pid": manager.provisioner.pid})
    for line in sys.stdin:
        command = json.loads(line)
        if "send" in command:
            answer(send(client, command["send"]))
        else:
            answer(run(manager, client, command))
    client.stop_channels()
    manager.shutdown_kernel(now=False)


def answer(value):
    print(json.dumps(value), flush=True)


def run(manager, client, command):
    timeout = command.get("timeout", 60)
    started = time.monotonic()
    identity = client.execute(command["run"], stop_on_error=command.get("stop_on_error", True), allow_stdin=False)
    if "interrupt_after" in command:
        threading.Timer(command["interrupt_after"], manager.interrupt_kernel).start()
    result = {"stdout": "", "stderr": "", "streams": 0, "displays": [], "error": None, "order": []}
    try:
        collect(client, identity, result, started + timeout)
        reply = reply_to(client, identity, started + timeout)
    except Empty:
        return {**result, "status": "timeout"}
    return {**result, "status": reply["content"]["status"], "seconds": time.monotonic() - started}


def collect(client, identity, result, deadline):
    """Everything the cell published, up to its idle message."""
    while True:
        message = client.get_iopub_msg(timeout=max(0.1, deadline - time.monotonic()))
        if message["parent_header"].get("msg_id") != identity:
            continue
        kind, content = message["msg_type"], message["content"]
        result["order"].append(kind)
        if kind == "stream":
            result[content["name"]] += content["text"]
            result["streams"] += 1
        elif kind in ("display_data", "update_display_data"):
            result["displays"].append({"kind": kind, **content})
        elif kind == "error":
            result["error"] = content
        elif kind == "status" and content["execution_state"] == "idle":
            return


def reply_to(client, identity, deadline):
    while True:
        reply = client.get_shell_msg(timeout=max(0.1, deadline - time.monotonic()))
        if reply["parent_header"]["msg_id"] == identity:
            return reply


def send(client, codes):
    identities = [client.execute(code, allow_stdin=False) for code in codes]
    deadline = time.monotonic() + 60
    return [reply_to(client, identity, deadline)["content"]["status"] for identity in identities]


main(sys.argv[1])
