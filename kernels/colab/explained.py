"""Errors that say what is wrong and what to do, shown without a Python traceback."""


class Explained(Exception):
    """`code` is stable: COLAB_EVALUATION.md has a line for each."""

    def __init__(self, code, message, hint=None):
        super().__init__(message)
        self.code = code
        self.hint = hint

    def _render_traceback_(self):
        lines = [f"\x1b[31m{self.code}\x1b[39m: {self}"]
        if self.hint is not None:
            lines += ["", f"What to do: {self.hint}"]
        return lines
