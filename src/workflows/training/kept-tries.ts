import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { writeTextAtomically } from '../../atomic-file.js';
import { hashCandleFiles } from '../../candles/store/hash-parts.js';
import { projectVersion } from '../../project-root.js';
import { hashFile } from '../../tables/hash-file.js';
import { takeWriteLock } from '../../write-lock.js';
import type { SymbolFiles } from './data-plan.js';
import type { TrainedModel, TrainTask } from './train-model.js';

/** The tries of one symbol's search, on disk as they are made: a search that is interrupted goes on from them. */
export interface KeptTries {
  readonly folder: string;
  /** How many an interrupted search left. */
  readonly done: number;
  /** What was trained before of the same task and data; else `train`'s, which gets a folder of its own, and goes on in it after an interruption. */
  run(task: Omit<TrainTask, 'outDir'>, train: (task: TrainTask) => Promise<TrainedModel | undefined>): Promise<TrainedModel | undefined>;
  /** `keep`: for the same search to go on from. `keep-done`: only where a try is done. */
  close(what: 'remove' | 'keep' | 'keep-done'): void;
}

const RESULT = 'try.json';

/**
 * Opens `<outDir>/.tries-<SYMBOL>`, or makes it. A try is known by its task and the SHA-256 of its data, so that other
 * options or changed candles never get an earlier run's result.
 * @throws TemporaryError `search-busy` where another search of the symbol writes there; InputError `cannot-write`, `store-part-changed`
 */
export function openKeptTries(outDir: string, { symbol, candles, features }: SymbolFiles): KeptTries {
  const folder = join(outDir, `.tries-${symbol}`);
  const data = [...hashCandleFiles(candles), ...features.map(hashFile)];
  mkdirSync(folder, { recursive: true });
  const lock = takeWriteLock(join(folder, 'writing.lock'), { code: 'search-busy', writes: `the tries of ${symbol}` });
  const count = (): number => readdirSync(folder).filter((name) => existsSync(join(folder, name, RESULT))).length;
  return {
    folder,
    done: count(),
    async run(task, train) {
      const place = join(folder, tryName(task, data));
      const before = readResult(place);
      if (before !== undefined) return before;
      const model = await train({ ...task, outDir: place });
      if (model !== undefined) writeTextAtomically(join(place, RESULT), `${JSON.stringify(model)}\n`);
      return model;
    },
    close(what) {
      lock.release();
      if (what === 'remove' || (what === 'keep-done' && count() === 0)) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function tryName({ model, sizes, featureSet, horizon, embargo, maxGap, settings, precision, calibrate }: Omit<TrainTask, 'outDir'>, data: readonly string[]): string {
  const own = existsSync(featureSet) ? hashFile(featureSet) : undefined;
  const identity = JSON.stringify({ version: projectVersion(), data, own, model, sizes, featureSet, horizon, embargo, maxGap, settings, precision, calibrate });
  return createHash('sha256').update(identity).digest('hex').slice(0, 12);
}

/** Undefined where the try was not finished, or its model is gone, or what says so cannot be read. */
function readResult(place: string): TrainedModel | undefined {
  const file = join(place, RESULT);
  if (!existsSync(file)) return undefined;
  let model: TrainedModel;
  try {
    model = JSON.parse(readFileSync(file, 'utf8')) as TrainedModel;
  } catch {
    return undefined;
  }
  // The folder may be reached by another path than when it was written.
  const files = model.files.map((each) => join(place, basename(each)));
  return files.every((each) => existsSync(each)) ? { ...model, files } : undefined;
}
