import { Command, CommanderError } from 'commander';
import { projectVersion } from '../project-root.js';
import { convertCommand } from './convert.js';
import { evaluateCommand } from './evaluate.js';
import { featuresCommand } from './features.js';
import { EXIT, printError } from './print-error.js';
import { setupCommand } from './setup.js';

/** Runs a command line. @returns the exit status: 0 it ran, 3 a gate failed under `--check`, 2 input or usage, 1 else */
export async function main(argv: readonly string[]): Promise<number> {
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.other));
  let status: number = EXIT.ok;
  const finish = (result: number) => void (status = result);
  const program = new Command('crpbot')
    .description('Honest, gated direction models for crypto candles.')
    .version(projectVersion())
    .option('--debug', 'print stack traces')
    .showHelpAfterError('(crpbot <command> --help lists the options)')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  for (const command of [evaluateCommand(finish), featuresCommand(finish), convertCommand(finish), setupCommand(finish)]) {
    program.addCommand(command.exitOverride().showHelpAfterError(`(crpbot ${command.name()} --help lists the options)`));
  }
  try {
    if (argv.length === 0) {
      program.outputHelp();
      return EXIT.input;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.input;
    return printError(error, { json: argv.includes('--json'), debug: argv.includes('--debug') });
  }
}
