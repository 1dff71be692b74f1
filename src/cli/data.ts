import { dirname } from 'node:path';
import { Command } from 'commander';
import { ensureWritable, writeTextAtomically } from '../atomic-file.js';
import { repairText } from '../candles/repair/repair-record.js';
import { checkJson } from '../report/data-quality/check-json.js';
import { dataCheckHtml } from '../report/data-quality/page.js';
import { renderDataCheck } from '../report/data-quality/terminal.js';
import { checkData } from '../workflows/check-data.js';
import { verifyStore } from '../workflows/verify-store.js';
import { repairCommand } from './data-repair.js';
import { onePath, paths } from './option-values.js';
import { EXIT } from './print-error.js';
import { openSession } from './session.js';

interface CheckFlags {
  readonly html: string;
  readonly json?: boolean;
  readonly strict?: boolean;
}

/** `crpbot data`: is what was collected right, and is it still what was written. */
export function dataCommand(finish: (status: number) => void): Command {
  return new Command('data')
    .description('Check candles, repair them in a copy, and verify the store they are kept in.')
    .addCommand(checkCommand(finish))
    .addCommand(repairCommand(finish))
    .addCommand(verifyCommand(finish));
}

function checkCommand(finish: (status: number) => void): Command {
  return new Command('check')
    .description('Find gaps, duplicates, disorder, frozen and filled prices, bad prints and shifted times in candles. Nothing is changed.')
    .argument('<paths...>', 'candle files or folders, <SYMBOL>_1m....parquet or .csv, or a store', paths)
    .option('--html <file>', 'page with a calendar of completeness', onePath, 'results/data_check.html')
    .option('--strict', 'exit 3 when there are defects')
    .option('--json', 'print everything found as JSON')
    .action(async (given: readonly string[], { html, json, strict }: CheckFlags) => {
      const session = openSession(json === true);
      try {
        ensureWritable(dirname(html));
        const check = await checkData(given, session.control);
        for (const { file, reason } of check.ignored) session.note(`ignored ${file}: ${reason}`);
        for (const note of check.notes) session.note(`note: ${note}`);
        writeTextAtomically(html, dataCheckHtml(check));
        session.print(renderDataCheck(check, { color: process.stdout.isTTY === true && process.env.NO_COLOR === undefined }));
        if (json === true) session.printJson(checkJson(check));
        session.note(`page: ${html}`);
        if (check.series.some(({ unreadable }) => unreadable.length > 0)) finish(EXIT.input);
        else finish(strict === true && check.defects > 0 ? EXIT.gateFailed : EXIT.ok);
      } finally {
        session.close();
      }
    });
}

function verifyCommand(finish: (status: number) => void): Command {
  return new Command('verify')
    .description('Compare every part of a store with its manifest, and name those that are damaged.')
    .argument('<dir>', 'folder that crpbot collect wrote to, or part of it', onePath)
    .option('--json', 'print what was found as JSON')
    .action(async (dir: string, { json }: { readonly json?: boolean }) => {
      const session = openSession(json === true);
      try {
        const reports = await verifyStore(dir);
        for (const { exchange, symbol, months, rows, defects, repairs } of reports) {
          session.print(`${exchange} ${symbol}  ${months} months, ${rows} rows  ${defects.length === 0 ? 'all parts are as written' : `${defects.length} damaged`}`);
          for (const { file, code, problem, hint } of defects) session.print(`  ${file}: ${problem} (${code})\n    hint: ${hint}`);
          if (repairs !== undefined) session.print(`  repaired: ${repairText(repairs)}`);
        }
        const damaged = reports.reduce((sum, { defects }) => sum + defects.length, 0);
        if (damaged > 0) session.print('The other parts can still be read.');
        if (json === true) session.printJson(reports);
        finish(damaged > 0 ? EXIT.input : EXIT.ok);
      } finally {
        session.close();
      }
    });
}
