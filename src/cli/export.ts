import { Command, InvalidArgumentError } from 'commander';
import { count } from '../number-text.js';
import { DEFAULT_EXPORT, EXPORT_KINDS, type ExportKind } from '../workflows/export-files.js';
import { exportToBucket, type ExportOptions, type ExportReport } from '../workflows/export-to-bucket.js';
import { addStoreOptions, sayStopped } from './store-options.js';
import { choice, paths } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession, type Session } from './session.js';

interface Flags extends ExportOptions {
  readonly json?: boolean;
}

/** `crpbot export`: results, models and data to a bucket, verified. */
export function exportCommand(finish: (status: number) => void): Command {
  const command = new Command('export')
    .description('Copy results and models to S3, or a store that speaks its protocol: encrypted, never public, each file verified. Run it again after an interruption: nothing is uploaded twice.')
    .argument('<address>', 's3://bucket/folder')
    .argument('[paths...]', 'files and folders (default: those of --what)', paths)
    .option('--what <kinds>', `of ${Object.keys(EXPORT_KINDS).join(', ')}, separated by commas (default: ${DEFAULT_EXPORT.join(',')})`, kindList);
  return addStoreOptions(command)
    .option('--kms-key <id>', 'encrypt with this KMS key: its id, ARN or alias (default: AES256 with the store’s key)')
    .addOption(choice('--encryption <name>', 'none for a store that cannot encrypt', ['aes256', 'none']).conflicts('kmsKey'))
    .option('--dry-run', 'say what would be uploaded; write nothing')
    .option('--json', 'print the files with their SHA-256 as JSON')
    .action(async (address: string, given: readonly string[], { json, ...options }: Flags) => {
      const session = openSession(json === true);
      try {
        const report = await exportToBucket(address, { ...options, paths: given }, session.control);
        printReport(report, session);
        if (json === true) session.printJson(report);
        finish(EXIT.ok);
      } catch (error) {
        throw sayStopped(error, session.control.signal, 'upload');
      } finally {
        session.close();
      }
    });
}

function printReport({ address, dryRun, files, leftOut, uploadedBytes, resumedBytes, encryption, bucket, notes }: ExportReport, session: Session): void {
  for (const { path, reason } of leftOut) session.note(`left out ${path}: ${reason}`);
  for (const note of notes) session.note(`note: ${note}`);
  for (const { name, bytes, done, verifiedBy } of files) session.print(`${done.padEnd(12)} ${count(bytes).padStart(15)} bytes  ${name}${verifiedBy === undefined ? '' : `  (${VERIFIED_TEXT[verifiedBy]})`}`);
  const unchanged = files.filter(({ done }) => done === 'unchanged').length;
  if (dryRun) session.print(`${address}: ${files.length - unchanged} files would be uploaded, ${unchanged} are there already; nothing was written`);
  else {
    const resumed = resumedBytes > 0 ? `, ${count(resumedBytes)} bytes were there from an interrupted upload` : '';
    session.print(`${address}: ${files.length - unchanged} files uploaded (${count(uploadedBytes)} bytes${resumed}), ${unchanged} unchanged; encryption ${encryption}`);
  }
  if (bucket === 'unknown') session.note('note: the store does not say whether the bucket is public; no object was made public by this export');
}

const VERIFIED_TEXT = { sha256: 'SHA-256 verified', md5: 'MD5 verified', 'read-back': 'read back', recorded: 'as recorded' } as const;

function kindList(text: string): readonly ExportKind[] {
  return text.split(',').map((part) => {
    const kind = part.trim();
    if (Object.hasOwn(EXPORT_KINDS, kind)) return kind as ExportKind;
    throw new InvalidArgumentError(`It must be of ${Object.keys(EXPORT_KINDS).join(', ')}.`);
  });
}
