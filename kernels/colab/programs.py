"""Running programs: their output is shown when they fail, or line by line where it is the news."""
import os
import subprocess
import sys


def run(command, folder, **environment):
    """Runs a program to its end: `(succeeded, output)`."""
    try:
        end = subprocess.run([str(part) for part in command], **_settings(folder, environment))
    except OSError as error:
        return False, str(error)
    return end.returncode == 0, end.stdout


def stream(command, folder, **environment):
    """Runs a program, its lines shown as they come: `(succeeded, output)`."""
    lines = []
    with subprocess.Popen([str(part) for part in command], **_settings(folder, environment)) as program:
        try:
            for line in program.stdout:
                lines.append(line)
                sys.stdout.write(line)
                sys.stdout.flush()
        except KeyboardInterrupt:
            program.terminate()
            raise
    return program.returncode == 0, "".join(lines)


def last_lines(output, count=12):
    return "\n".join(output.rstrip().split("\n")[-count:])


def _settings(folder, environment):
    """One stream of output as text, nothing to read from, and some variables more."""
    return {
        "cwd": folder,
        "env": {**os.environ, **environment},
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
        "encoding": "utf8",
        "errors": "replace",
    }
