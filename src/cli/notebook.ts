import { Command } from 'commander';
import { openNotebook } from '../workflows/open-notebook.js';
import { onePath, wholeNumber } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession } from './session.js';

interface Flags {
  readonly browser: boolean;
  readonly port?: number;
  readonly python?: string;
}

/** `crpbot notebook`: JupyterLab on the TypeScript kernel. */
export function notebookCommand(finish: (status: number) => void): Command {
  return new Command('notebook')
    .description('Open JupyterLab on the TypeScript kernel. Ctrl-C ends it.')
    .argument('[notebook]', 'a notebook’s file, or the beginning of a name in notebooks/, such as 04', onePath)
    .option('--no-browser', 'say the address and open no browser')
    .option('--port <number>', 'the port of this machine (default: 8888, or the next free one)', wholeNumber(1, 65_535))
    .option('--python <command>', 'a Python that has JupyterLab (default: .venv of the project, else python3)')
    .action(async (notebook: string | undefined, flags: Flags) => {
      const session = openSession(false);
      // The terminal was closed: JupyterLab, in a group of its own, would stay.
      const hangup = new AbortController();
      const hangUp = (): void => hangup.abort();
      process.on('SIGHUP', hangUp);
      try {
        await openNotebook({
          ...flags,
          ...(notebook !== undefined && { notebook }),
          signal: AbortSignal.any([session.control.signal, hangup.signal]),
          onReady: (url) => session.print(`JupyterLab: ${url}\nCtrl-C ends it, and its kernels.`),
          onLine: (line) => session.note(line),
        });
        finish(EXIT.ok);
      } finally {
        process.off('SIGHUP', hangUp);
        session.close();
      }
    });
}
