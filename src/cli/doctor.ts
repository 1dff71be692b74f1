import { Command } from 'commander';
import { doctor } from '../workflows/doctor.js';
import { EXIT } from './print-error.js';
import { openSession } from './session.js';

interface Flags {
  readonly python?: string;
  readonly json?: boolean;
}

/** `crpbot doctor`: what is installed and works, and what to do about what is not. */
export function doctorCommand(finish: (status: number) => void): Command {
  return new Command('doctor')
    .description('Print everything a bug report needs, and what to do about what is missing. Changes nothing.')
    .option('--python <command>', 'look for TensorFlow in this Python only')
    .option('--json', 'print it as JSON')
    .action(async ({ python, json }: Flags) => {
      const session = openSession(json === true);
      try {
        const report = await doctor({ ...(python !== undefined && { python }), signal: session.control.signal });
        const width = Math.max(...report.checks.map(({ name }) => name.length));
        for (const { name, state, found, advice } of report.checks) {
          session.print(`${state.padEnd(7)}  ${name.padEnd(width)}  ${found}`);
          if (advice !== undefined) session.print(`${' '.repeat(7)}  ${' '.repeat(width)}  -> ${advice}`);
        }
        if (json === true) session.printJson(report);
        finish(report.healthy ? EXIT.ok : EXIT.other);
      } finally {
        session.close();
      }
    });
}
