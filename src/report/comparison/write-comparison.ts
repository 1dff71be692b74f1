import { join } from 'node:path';
import { withFolderLock, writeTogether } from '../../atomic-file.js';
import { plotlySource } from '../html/plotly-source.js';
import type { Comparison } from './comparison.js';
import { comparisonCsv } from './csv.js';
import { comparisonHtml } from './page.js';

/** Where a comparison's results are. */
export interface ComparisonFiles {
  readonly csv: string;
  readonly report: string;
}

/**
 * Writes `compare.csv` and `compare.html`: both whole, or neither.
 * @throws InputError `cannot-write`; TemporaryError `folder-busy`; SetupError `plotly-missing`
 */
export function writeComparison(folder: string, comparison: Comparison): ComparisonFiles {
  const files = { csv: join(folder, 'compare.csv'), report: join(folder, 'compare.html') };
  withFolderLock(folder, () =>
    writeTogether([
      { path: files.csv, content: comparisonCsv(comparison) },
      { path: files.report, content: comparisonHtml(comparison, plotlySource()) },
    ]),
  );
  return files;
}
