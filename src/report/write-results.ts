import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureWritable, withFolderLock, writeTogether, type FileContent } from '../atomic-file.js';
import { InputError } from '../errors.js';
import { addToHistory } from './history.js';
import { plotlySource } from './html/plotly-source.js';
import { reportHtml } from './html/report.js';
import { resultsCsv } from './results-csv.js';
import { resultsJson } from './results-json.js';
import type { RunResult } from './run-result.js';

/** Where a run's results are. */
export interface ResultFiles {
  readonly csv: string;
  readonly json: string;
  readonly report: string;
  readonly history: string;
  /** Where an older history went whose columns differ from today's. */
  readonly historySetAside?: string;
}

/**
 * What writing the results will need, checked before the long work: a folder that can be written to, and plotly.
 * @throws InputError `cannot-write`; SetupError `plotly-missing`
 */
export function prepareResults(folder: string): void {
  ensureWritable(folder);
  plotlySource();
}

/**
 * Writes `evaluation_results.csv`, `evaluation_results.json`, `report.html`, and adds a line a model to `history.csv`.
 * All are complete on the disk before the first takes its name: a run that is killed or finds the disk full leaves
 * each file as it was or as it should be, never part of it. `beside` is written with them (predictions).
 * @throws InputError `cannot-write`, `cannot-read`; TemporaryError `folder-busy`; SetupError `plotly-missing`
 */
export function writeResults(folder: string, run: RunResult, beside: readonly FileContent[] = []): ResultFiles {
  const files = {
    csv: join(folder, 'evaluation_results.csv'),
    json: join(folder, 'evaluation_results.json'),
    report: join(folder, 'report.html'),
    history: join(folder, 'history.csv'),
  };
  const results = [
    ...beside,
    { path: files.json, content: resultsJson(run) },
    { path: files.report, content: reportHtml(run, plotlySource()) },
    { path: files.csv, content: resultsCsv(run) },
  ];
  // One run at a time: what another adds to the history in between would be lost, and its files would mix with these.
  return withFolderLock(folder, () => {
    const oldHistory = bytesOf(files.history);
    const history = addToHistory(oldHistory?.toString('utf8'), run);
    const added = { path: files.history, content: history.text };
    if (oldHistory === undefined || !history.setOldAside) {
      writeTogether([...results, added]);
      return files;
    }
    const stamp = new Date(run.startedAt).toISOString().replace(/[-:]|\.\d+/g, '');
    const historySetAside = join(folder, `history-before-${stamp}.csv`);
    writeTogether([{ path: historySetAside, content: oldHistory }, ...results, added]);
    return { ...files, historySetAside };
  });
}

function bytesOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new InputError(`cannot read ${path}: ${(cause as Error).message}`, {
      code: 'cannot-read',
      place: { file: path },
      hint: 'the history is a CSV file in the results folder: move what stands there, or choose another folder (--out DIR)',
      cause,
    });
  }
}
