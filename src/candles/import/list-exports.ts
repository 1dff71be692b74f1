import { statSync } from 'node:fs';
import { InputError } from '../../errors.js';
import type { DataFiles } from '../data-files.js';
import { listDataFiles } from '../data-files.js';
import { canonicalSymbol, symbolOfFile } from '../symbols.js';

/**
 * The exported files among these files and folders, by symbol. With `symbol`, files given by name need not say theirs,
 * and of a folder only that symbol's are taken.
 * @throws InputError `several-symbols` for a file of another symbol, `symbol-unreadable`, what `listDataFiles` does
 */
export function listExports(paths: readonly string[], symbol?: string): DataFiles {
  if (symbol === undefined) return listDataFiles(paths, 'exported candles');
  const wanted = canonicalSymbol(symbol);
  const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  const named = paths.filter(isFile);
  const other = named.find((file) => (symbolOfFile(file) ?? wanted) !== wanted);
  if (other !== undefined) {
    throw new InputError(`${other} is of ${symbolOfFile(other)}, not of ${wanted}`, { code: 'several-symbols', place: { file: other }, hint: 'give the files of one symbol' });
  }
  const folders = paths.filter((path) => !isFile(path));
  const found = folders.length === 0 && named.length > 0 ? { symbols: [], ignored: [] } : listDataFiles(folders, 'exported candles');
  const inFolders = found.symbols.find((files) => files.symbol === wanted)?.files ?? [];
  const files = [...new Set([...named, ...inFolders])].sort();
  const ignored = found.symbols.filter((files) => files.symbol !== wanted).flatMap((of) => of.files.map((file) => ({ file, reason: `of ${of.symbol}` })));
  if (files.length > 0) return { symbols: [{ symbol: wanted, files }], ignored: [...found.ignored, ...ignored] };
  throw new InputError(`no candles of ${wanted} in ${paths.join(', ')}`, {
    code: 'no-data-files',
    hint: `there are: ${found.symbols.map((files) => files.symbol).join(', ')}`,
  });
}
