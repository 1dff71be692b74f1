import { Command } from 'commander';
import { writeColabNotebooks } from '../workflows/colab.js';
import { onePath } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession } from './session.js';

interface Flags {
  readonly out?: string;
  readonly check?: boolean;
  readonly json?: boolean;
}

/** `crpbot colab`: the notebooks as single files for Google Colab. */
export function colabCommand(finish: (status: number) => void): Command {
  return new Command('colab')
    .description('Write the notebooks for Google Colab: each one file, which carries this project as it stands.')
    .option('--out <dir>', 'folder of the notebooks (default: colab)', onePath)
    .option('--check', 'write nothing; exit with status 3 when one is out of step')
    .option('--json', 'print what was written as JSON')
    .action(({ json, ...options }: Flags) => {
      const session = openSession(json === true);
      try {
        const files = writeColabNotebooks(options);
        const state = options.check === true ? 'out of step: npx crpbot colab' : 'written';
        for (const { file, bytes, inStep } of files) session.print(`${file}  ${(bytes / 1e6).toFixed(1)} MB  ${inStep ? 'in step' : state}`);
        if (json === true) session.printJson(files);
        finish(options.check === true && files.some(({ inStep }) => !inStep) ? EXIT.gateFailed : EXIT.ok);
      } finally {
        session.close();
      }
    });
}
