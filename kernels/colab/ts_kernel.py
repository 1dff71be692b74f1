"""One TypeScript kernel (kernels/crpbot) spoken to from a Python notebook.

Needs only pyzmq and jupyter_client, which every Jupyter has; no event loop and no thread, so that their versions do not
matter.
"""
import atexit
import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
import uuid

import zmq
from jupyter_client.connect import write_connection_file
from jupyter_client.session import Session

from explained import Explained

START_S = 60
# An interrupted cell may put things in order for a second (kernels/crpbot/session.cjs); then Python goes on without it.
INTERRUPT_S = 1.5
POLL_MS = 100
BURST = 20
LOG_SHOWN = 4000
CHANNELS = ("shell", "iopub")


class CellError(Exception):
    """A TypeScript cell failed: shown as the kernel tells it, with the line of TypeScript."""

    traceback = ()

    def _render_traceback_(self):
        return list(self.traceback) or [f"{type(self).__name__}: {self}"]


class TypeScriptKernel:
    def __init__(self, root, node):
        self.root = os.path.abspath(root)
        self._folder = tempfile.mkdtemp(prefix="crpbot-kernel-")
        self._log = os.path.join(self._folder, "kernel.log")
        # New versions of jupyter_client leave the key empty, which tslab refuses.
        key = uuid.uuid4().hex.encode()
        file, info = write_connection_file(os.path.join(self._folder, "connection.json"), key=key)
        self._session = Session(key=key, signature_scheme="hmac-sha256")
        self._process = self._spawn(node, file)
        self.pid = self._process.pid
        atexit.register(self.stop)
        self._left = set()
        self._connect(info)
        self._wait_until_ready()

    def _spawn(self, node, connection_file):
        folder = os.path.join(self.root, "kernels/crpbot")
        with open(os.path.join(folder, "kernel.json"), encoding="utf8") as file:
            specification = json.load(file)
        words = {"node": node, "{connection_file}": connection_file}
        command = [words.get(word, word.replace("{resource_dir}", folder)) for word in specification["argv"]]
        environment = {**os.environ, **specification.get("env", {}), "CRPBOT_ROOT": self.root}
        with open(self._log, "wb") as log:
            # A session of its own: the notebook's interrupt reaches it through `execute` only.
            return subprocess.Popen(
                command, cwd=self.root, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def _connect(self, info):
        context = zmq.Context()
        self._sockets = {"shell": context.socket(zmq.DEALER), "iopub": context.socket(zmq.SUB)}
        self._poller = zmq.Poller()
        for name, socket in self._sockets.items():
            socket.linger = 0
            socket.rcvhwm = 0
            if name == "iopub":
                socket.subscribe(b"")
            socket.connect(f"tcp://{info['ip']}:{info[name + '_port']}")
            self._poller.register(socket, zmq.POLLIN)

    def _wait_until_ready(self):
        """Ready is a reply and, since subscribing takes a moment, a message from the output channel."""
        end = time.monotonic() + START_S
        heard = set()
        while heard != set(CHANNELS):
            if time.monotonic() > end:
                self.stop()
                raise Explained("kernel-failed", f"the TypeScript kernel did not answer within {START_S} s\n{self._last_words()}", "run this cell again")
            self._session.send(self._sockets["shell"], "kernel_info_request", {})
            heard.update(channel for channel, _ in self._receive(500))
        for _ in self._receive(200):
            pass

    def alive(self):
        return self._process.poll() is None

    def stop(self):
        if self.alive():
            self._process.kill()
            self._process.wait()

    def execute(self, code, output):
        """Runs a cell. `output` takes its messages: `stream(name, text)`, `display(content, update)`.

        Raises CellError when it fails, KeyboardInterrupt when it was interrupted, Explained `kernel-died`.
        """
        request = dict(code=code, silent=False, store_history=True, user_expressions={}, allow_stdin=False, stop_on_error=True)
        id = self._session.send(self._sockets["shell"], "execute_request", request)["header"]["msg_id"]
        with _interrupts() as interrupts:
            reply = self._follow(id, output, interrupts)
        if interrupts.at is not None:
            # What it still prints is nobody's.
            self._left.add(id)
            if reply is None and self.alive():
                print("The TypeScript cell is still busy where it cannot be stopped. The next cell waits for it; %ts_restart ends it.")
            raise KeyboardInterrupt("the TypeScript cell was interrupted")
        if reply["status"] != "ok":
            name = reply.get("ename") or "Aborted"
            error = type(name, (CellError,), {})(reply.get("evalue") or f"the cell was {reply['status']}")
            error.traceback = reply.get("traceback") or ()
            raise error

    def _follow(self, id, output, interrupts):
        """Passes output on until the cell's reply and its last output are in; the reply, None when it was given up."""
        reply = None
        idle = False
        sent = 0
        while reply is None or not idle:
            if interrupts.count > sent:
                sent = interrupts.count
                # The first asks, the second ends it.
                if sent == 1 and self.alive():
                    os.kill(self.pid, signal.SIGINT)
                else:
                    self.stop()
            if interrupts.at is not None and time.monotonic() - interrupts.at > INTERRUPT_S:
                break
            try:
                for _, message in self._receive(POLL_MS):
                    kind, content = message["msg_type"], message["content"]
                    if message["parent_header"].get("msg_id") in self._left:
                        continue
                    if kind == "stream":
                        output.stream(content["name"], content["text"])
                    elif kind in ("display_data", "update_display_data", "execute_result"):
                        output.display(content, kind == "update_display_data")
                    elif message["parent_header"].get("msg_id") == id:
                        reply = content if kind == "execute_reply" else reply
                        idle = idle or (kind == "status" and content["execution_state"] == "idle")
            except Explained:
                if interrupts.at is None:
                    raise
                break
        return reply

    def _receive(self, milliseconds):
        """The messages that are there: `(channel, message)`."""
        ready = dict(self._poller.poll(milliseconds))
        if not ready and not self.alive():
            raise self._death()
        # Output before replies: what a cell printed stands before its error.
        for channel in reversed(CHANNELS):
            socket = self._sockets[channel]
            # Not until it is empty: a cell that prints without end must still be interrupted.
            for _ in range(BURST if socket in ready else 0):
                try:
                    parts = socket.recv_multipart(zmq.NOBLOCK)
                except zmq.Again:
                    break
                yield channel, self._session.deserialize(self._session.feed_identities(parts)[1])

    def _death(self):
        status = self._process.returncode
        how = f"exit status {status}" if status >= 0 else signal.Signals(-status).name
        if status == -signal.SIGKILL:
            how += ", usually for lack of memory"
        elif status == -signal.SIGABRT:
            how += ", in Node.js usually for lack of memory"
        hint = "what the cells declared is lost: Runtime > Run before, then this cell again; with less memory, fewer symbols at a time or a smaller batch"
        return Explained("kernel-died", f"the TypeScript kernel died ({how})\n{self._last_words()}".rstrip(), hint)

    def _last_words(self):
        """The end of what the kernel and native libraries wrote outside of cells."""
        with open(self._log, "rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - LOG_SHOWN))
            return log.read().decode(errors="replace").strip()


class _Interrupts:
    count = 0
    at = None

    def notice(self, *_):
        self.count += 1
        self.at = time.monotonic()


@contextlib.contextmanager
def _interrupts():
    """Counts interrupts while a cell runs, instead of an exception anywhere in this module."""
    interrupts = _Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    before = signal.signal(signal.SIGINT, interrupts.notice)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)
