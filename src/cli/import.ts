import { Command } from 'commander';
import { count } from '../number-text.js';
import { importFromBucket, type ImportOptions, type ImportReport } from '../workflows/import-from-bucket.js';
import { onePath, paths } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession, type Session } from './session.js';
import { addStoreOptions, sayStopped } from './store-options.js';

interface Flags extends ImportOptions {
  readonly json?: boolean;
}

/** `crpbot import`: an export back into a folder, each file verified. */
export function importCommand(finish: (status: number) => void): Command {
  const command = new Command('import')
    .description('Fetch what crpbot export wrote: only what is missing, each file verified before it takes its name. Run it again after an interruption: it goes on.')
    .argument('<address>', 's3://bucket/folder, as it was given to npx crpbot export')
    .requiredOption('--out <dir>', 'folder to put it in; . for the project’s own folders', onePath)
    .option('--only <names...>', 'only these files and folders of the export', paths);
  return addStoreOptions(command)
    .option('--overwrite', 'replace files that are there with other content')
    .option('--dry-run', 'say what would be fetched; write nothing')
    .option('--json', 'print the files with their SHA-256 as JSON')
    .action(async (address: string, { json, ...options }: Flags) => {
      const session = openSession(json === true);
      try {
        const report = await importFromBucket(address, options, session.control);
        printReport(report, session);
        if (json === true) session.printJson(report);
        finish(EXIT.ok);
      } catch (error) {
        throw sayStopped(error, session.control.signal, 'fetch');
      } finally {
        session.close();
      }
    });
}

function printReport({ address, out, dryRun, files, fetchedBytes, resumedBytes }: ImportReport, session: Session): void {
  for (const { name, bytes, done } of files) session.print(`${done.padEnd(12)} ${count(bytes).padStart(15)} bytes  ${name}`);
  const unchanged = files.filter(({ done }) => done === 'unchanged').length;
  if (dryRun) session.print(`${address}: ${files.length - unchanged} files would be fetched into ${out}, ${unchanged} are there already; nothing was written`);
  else {
    const resumed = resumedBytes > 0 ? `, ${count(resumedBytes)} bytes were there from an interrupted import` : '';
    session.print(`${address}: ${files.length - unchanged} files fetched into ${out} (${count(fetchedBytes)} bytes${resumed}), SHA-256 verified; ${unchanged} unchanged`);
  }
}
