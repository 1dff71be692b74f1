"""Running programs: their output is shown when they fail, or line by line where it is the news."""
import json
import os
import subprocess
import sys
import tempfile

from explained import Explained

# What helps here, where crpbot's own hint speaks of a terminal.
SECRETS = "in Colab's Secrets panel (the key on the left), allow this notebook to read them, and run this cell again"
COLAB_HINTS = {
    "bucket-credentials-missing": f"put AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION {SECRETS}",
    "bucket-credentials-expired": f"put new AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN {SECRETS}: it goes on from what is there",
    "bucket-credentials-refused": f"correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY {SECRETS}",
    "bucket-other-region": f"set AWS_REGION to the bucket's own, which the message names where it is known, {SECRETS}",
    "exchange-refuses": "choose another EXCHANGE (coinbase serves Colab's machines), or upload candles",
}


def run(command, folder, **environment):
    """Runs a program to its end: `(succeeded, output)`."""
    try:
        end = subprocess.run([str(part) for part in command], stderr=subprocess.STDOUT, **_settings(folder, environment))
    except OSError as error:
        return False, str(error)
    return end.returncode == 0, end.stdout


def crpbot(root, node, *arguments, **environment):
    """Runs a command of crpbot, its progress shown as it comes. Raises Explained with crpbot's own code when it fails."""
    said = []
    with tempfile.TemporaryFile("w+", encoding="utf8") as result:
        settings = {**_settings(root, environment), "stdout": result, "stderr": subprocess.PIPE}
        with subprocess.Popen([str(part) for part in (node, root / "bin/crpbot.js", *arguments, "--json")], **settings) as program:
            try:
                for line in program.stderr:
                    said.append(line)
                    if not line.startswith(("error:", "  at ", "  hint:")):
                        sys.stdout.write(line)
                        sys.stdout.flush()
            except KeyboardInterrupt:
                program.terminate()
                raise
        result.seek(0)
        answer = _json(result.read())
    if program.returncode == 0:
        return answer
    error = (answer or {}).get("error") if isinstance(answer, dict) else None
    if error is None:
        raise Explained("input-failed", f"crpbot {arguments[0]} failed:\n{last_lines(''.join(said))}", "see what it says above")
    raise Explained(error["code"], error["message"], COLAB_HINTS.get(error["code"], error.get("hint")))


def last_lines(output, count=12):
    return "\n".join(output.rstrip().split("\n")[-count:])


def _json(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def _settings(folder, environment):
    """Output as text, nothing to read from, and some variables more."""
    return {
        "cwd": folder,
        "env": {**os.environ, **environment},
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "encoding": "utf8",
        "errors": "replace",
    }
