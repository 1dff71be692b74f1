"""`%%ts`: the cell is TypeScript, run in one kernel that keeps what earlier cells declared."""
import sys

from IPython import get_ipython
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class

from cell_output import CellOutput
from ts_kernel import TypeScriptKernel


@magics_class
class TypeScriptMagics(Magics):
    def __init__(self, shell, root, node, plotly_url):
        super().__init__(shell)
        self._start = lambda: TypeScriptKernel(root, node)
        self._plotly_url = plotly_url
        self.kernel = self._start()

    @cell_magic
    def ts(self, line, cell):
        """Runs the cell in the TypeScript kernel."""
        if not self.kernel.alive():
            print("The TypeScript kernel had ended: this is a new one, without what earlier cells declared.", file=sys.stderr)
            self.kernel = self._start()
        output = CellOutput(self._plotly_url)
        try:
            self.kernel.execute(cell, output)
        finally:
            output.close()

    @line_magic
    def ts_restart(self, line):
        """Ends the TypeScript kernel and starts a new one."""
        self.kernel.stop()
        self.kernel = self._start()
        print("A new TypeScript kernel: run the cells from the top.")


def register(root, node, plotly_url=None):
    """Makes `%%ts` known to this notebook, its kernel started; one that runs already is ended first."""
    shell = get_ipython()
    earlier = shell.magics_manager.registry.get("TypeScriptMagics")
    if earlier is not None:
        earlier.kernel.stop()
    shell.register_magics(TypeScriptMagics(shell, root, node, plotly_url))
