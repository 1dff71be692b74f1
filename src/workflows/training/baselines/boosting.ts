import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeTextAtomically, writeTogether } from '../../../atomic-file.js';
import { SetupError } from '../../../errors.js';
import { readLightGbm, type BoostedTrees } from '../../../models/lightgbm-text.js';
import { projectRoot } from '../../../project-root.js';
import { lastLines, runProgram } from '../../../run-program.js';
import type { TrainingExamples } from '../../../training/training-examples.js';
import type { LightGbmPython } from './find-lightgbm.js';
import { encodeNpy } from './npy.js';

export interface BoostingSettings {
  /** Trees, at most. */
  readonly rounds: number;
  readonly learningRate: number;
  /** Rounds without a better validation log loss after which it stops. */
  readonly patience: number;
  readonly seed: number;
}

export const BOOSTING_DEFAULTS: BoostingSettings = { rounds: 600, learningRate: 0.04, patience: 50, seed: 1 };

/** What is not offered as an option: small trees over many rows, each over a part of rows and columns. */
const TREES = { num_leaves: 31, feature_fraction: 0.4, bagging_fraction: 0.7, bagging_freq: 1, lambda_l2: 10, max_bin: 127 } as const;

/** Threads that wait for others sleep: spinning, they would take the cores from whatever else runs, LightGBM's own among it. */
const IDLE_THREADS = { OMP_WAIT_POLICY: 'passive' };

/** Rows below which several threads cost more than they save. */
const SMALL = 100_000;

/** Rows a leaf, at least: many, since single minutes are noise; of few rows a fiftieth. */
const leafRows = (rows: number): number => Math.max(20, Math.min(1500, Math.floor(rows / 50)));

export interface Boosting {
  readonly trees: BoostedTrees;
  /** Everything LightGBM was told. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * Trains LightGBM in a Python of its own on the newest row of each example, with early stopping on validation.
 * @param folder where the arrays are laid meanwhile: about 4 bytes a value
 * @throws SetupError `boosting-failed`; InputError `bad-boosting-model`, `cannot-write`; an AbortError when stopped
 */
export async function trainBoosting(
  { train, validation }: { readonly train: TrainingExamples; readonly validation: TrainingExamples },
  settings: BoostingSettings,
  { python, folder, threads, signal }: { readonly python: LightGbmPython; readonly folder: string; readonly threads: number; readonly signal?: AbortSignal | undefined },
): Promise<Boosting> {
  const { rounds, learningRate, patience, seed } = settings;
  const parameters = { objective: 'binary', metric: 'binary_logloss', learning_rate: learningRate, ...TREES, min_data_in_leaf: leafRows(train.ends.length), seed, deterministic: true, force_row_wise: true, num_threads: train.ends.length < SMALL ? 1 : threads, verbosity: -1 };
  // Python runs in the project's folder, and would take a relative path from there.
  const scratch = mkdtempSync(join(resolve(folder), '.boosting-'));
  try {
    for (const [name, examples] of [['train', train], ['validation', validation]] as const) {
      const { rows, labels } = newestRows(examples);
      writeTogether([
        { path: join(scratch, `${name}_rows.npy`), content: encodeNpy(rows, [labels.length, examples.featureCount]) },
        { path: join(scratch, `${name}_labels.npy`), content: encodeNpy(labels, [labels.length]) },
      ]);
    }
    writeTextAtomically(join(scratch, 'settings.json'), JSON.stringify({ parameters, rounds, patience }));
    const { status, output } = await runProgram(python.command, [join(projectRoot(), 'src/workflows/training/baselines/train_boosting.py'), scratch], { cwd: projectRoot(), env: IDLE_THREADS, signal });
    if (status !== 0) {
      throw new SetupError(`LightGBM ${python.version} in ${python.command} failed:\n${lastLines(output)}`, { code: 'boosting-failed', hint: 'see what it says above; where memory ran out, give fewer candles' });
    }
    const file = join(scratch, 'model.txt');
    return { trees: readLightGbm(readFileSync(file, 'utf8'), file), parameters: { ...parameters, rounds, patience } };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function newestRows({ rows, featureCount, ends, label }: TrainingExamples): { readonly rows: Float32Array; readonly labels: Float32Array } {
  const newest = new Float32Array(ends.length * featureCount);
  ends.forEach((end, index) => newest.set(rows.subarray(end * featureCount, (end + 1) * featureCount), index * featureCount));
  return { rows: newest, labels: Float32Array.from(ends, (end) => label[end]) };
}
