import { Command } from 'commander';
import { setupJupyter, type SetupJupyterOptions } from '../workflows/setup-jupyter.js';
import { choice } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession } from './session.js';

interface Flags {
  readonly python?: string;
  readonly location?: NonNullable<SetupJupyterOptions['location']>;
  readonly json?: boolean;
}

/** `crpbot setup jupyter`: Jupyter and the TypeScript kernel, installed and proved. */
export function setupCommand(finish: (status: number) => void): Command {
  const jupyter = new Command('jupyter')
    .description('Install Jupyter and the TypeScript kernel for the notebooks, and prove it by running a cell.')
    .option('--python <command>', 'a Python 3.10 or newer (default: python3)')
    .addOption(choice('--location <where>', 'into .venv of the project, the environment of --python, or for this user (default: venv)', ['venv', 'sys-prefix', 'user']))
    .option('--json', 'print what was installed as JSON')
    .exitOverride()
    .action(async ({ json, ...options }: Flags) => {
      const session = openSession(json === true);
      try {
        const setup = await setupJupyter({ ...options, signal: session.control.signal, onLine: (line) => session.note(line) });
        session.print(`Ready. Open the notebooks with: ${setup.open}`);
        if (json === true) session.printJson(setup);
        finish(EXIT.ok);
      } finally {
        session.close();
      }
    });
  return new Command('setup').description('Install what the project can use beyond npm.').addCommand(jupyter);
}
