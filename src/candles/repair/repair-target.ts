import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { InputError } from '../../errors.js';
import { seriesFolder } from '../store/series-layout.js';
import type { SeriesId } from '../store/series.js';
import { REPAIRS_NAME } from './repair-record.js';

/**
 * Refuses a folder for repaired candles that holds anything but repaired candles, or lies in what is repaired, or holds it.
 * @throws InputError `repair-in-place`, `repair-out-taken`.
 */
export function refuseOtherTarget(out: string, paths: readonly string[], files: readonly string[]): void {
  const target = realPath(out);
  const folders = paths.filter((path) => statSync(path).isDirectory());
  const source = files.find((file) => isWithin(realPath(file), target)) ?? folders.find((folder) => isWithin(target, realPath(folder)));
  if (source !== undefined) {
    throw new InputError(`${out} and ${source}, which is to be repaired, lie in each other`, {
      code: 'repair-in-place',
      place: { file: out },
      hint: 'candles are never repaired in place: give --out a folder of its own, beside the source',
    });
  }
  const other = firstOther(target);
  if (other === undefined) return;
  throw new InputError(`${out} holds something else than repaired candles: ${other}`, { code: 'repair-out-taken', place: { file: other }, hint: 'give --out a new folder' });
}

/** Refuses a series' folder that holds another repair than this one; the same one is gone on with. @throws InputError `repair-out-taken`. */
export function refuseOtherRepair(out: string, id: SeriesId, text: string): void {
  const file = join(seriesFolder(out, id), REPAIRS_NAME);
  if (!existsSync(file) || readFileSync(file, 'utf8') === text) return;
  throw new InputError(`${file} is of another repair of ${id.exchange} ${id.symbol}: its source or options were others`, {
    code: 'repair-out-taken',
    place: { file },
    hint: 'give --out a new folder, or delete the old one',
  });
}

/** Something in a folder that is no series with a record of its repair, `<exchange>/<symbol>/1m/repairs.json`. */
function firstOther(out: string): string | undefined {
  if (!existsSync(out)) return undefined;
  if (!isFolder(out)) return out;
  for (const exchange of childrenOf(out)) {
    if (!isFolder(exchange)) return exchange;
    for (const symbol of childrenOf(exchange)) {
      if (!isFolder(symbol)) return symbol;
      const other = childrenOf(symbol).find((folder) => !(basename(folder) === '1m' && isFolder(folder) && isRepaired(folder)));
      if (other !== undefined) return other;
    }
  }
  return undefined;
}

/** The record is written first: a killed repair leaves it, or nothing. */
const isRepaired = (folder: string): boolean => existsSync(join(folder, REPAIRS_NAME)) || childrenOf(folder).length === 0;
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
const childrenOf = (folder: string): readonly string[] => readdirSync(folder).sort().map((name) => join(folder, name));
const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

/** With links followed as far as the path is there. */
function realPath(path: string): string {
  const whole = resolve(path);
  if (existsSync(whole)) return realpathSync(whole);
  return dirname(whole) === whole ? whole : join(realPath(dirname(whole)), basename(whole));
}
