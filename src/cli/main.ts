import { Command, CommanderError } from 'commander';
import { projectVersion } from '../project-root.js';
import { colabCommand } from './colab.js';
import { collectCommand } from './collect.js';
import { compareCommand } from './compare.js';
import { convertCommand } from './convert.js';
import { dataCommand } from './data.js';
import { doctorCommand } from './doctor.js';
import { ensembleCommand } from './ensemble.js';
import { evaluateCommand } from './evaluate.js';
import { exportCommand } from './export.js';
import { featuresCommand } from './features.js';
import { importCommand } from './import.js';
import { notebookCommand } from './notebook.js';
import { EXIT, printError, printUsageError } from './print-error.js';
import { retrainCommand } from './retrain.js';
import { setupCommand } from './setup.js';
import { simulateCommand } from './simulate.js';
import { trainCommand } from './train.js';
import { workerCommand } from './worker.js';

/** Runs a command line. @returns the exit status: 0 it ran, 3 a gate failed under `--check`, 2 input or usage, 1 else */
export async function main(argv: readonly string[]): Promise<number> {
  let status: number = EXIT.ok;
  let outputFailed = false;
  // A reader that has seen enough (`| head`) is no error, and no reason to stop before the results are written.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || outputFailed) return;
    outputFailed = true;
    process.stderr.write(`error: cannot write to standard output: ${error.message}\n  hint: the results folder (--out) holds the results\n`);
    process.exitCode = EXIT.other;
  });
  process.stderr.on('error', () => undefined);
  const finish = (result: number) => void (status = result);
  const program = new Command('crpbot')
    .description('Honest, gated direction models for crypto candles.')
    .version(projectVersion())
    .option('--debug', 'print stack traces')
    .showHelpAfterError('(npx crpbot <command> --help lists the options)')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  const commands = [evaluateCommand, compareCommand, collectCommand, dataCommand, featuresCommand, simulateCommand, trainCommand, retrainCommand, ensembleCommand, convertCommand, exportCommand, importCommand, workerCommand, setupCommand, notebookCommand, colabCommand, doctorCommand];
  for (const make of commands) {
    const command = make(finish);
    for (const each of [command, ...command.commands]) each.exitOverride().showHelpAfterError(`(npx crpbot ${command.name()} --help lists the options)`);
    program.addCommand(command);
  }
  try {
    if (argv.length === 0) {
      program.outputHelp();
      return EXIT.input;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return outputFailed ? EXIT.other : status;
  } catch (error) {
    if (error instanceof CommanderError) return printUsageError(error, argv.includes('--json'));
    return printError(error, { json: argv.includes('--json'), debug: argv.includes('--debug') });
  }
}
