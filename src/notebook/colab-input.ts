import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listDataFiles } from '../candles/data-files.js';
import { InputError } from '../errors.js';
import { projectRoot } from '../project-root.js';

/** Settings of a notebook that a person's own files replace. Paths are from the project's folder. */
export interface ColabInput {
  readonly models?: string[];
  readonly features?: string[];
  readonly candles?: string[];
  /** The first symbol among the models; of the candles where there are none. */
  readonly symbol?: string;
}

/**
 * What the input cell of a Colab notebook (`kernels/colab/inputs.py`) found; nothing where it chose the sample.
 * @throws InputError `colab-input-missing`, `colab-input-unreadable`; what `listDataFiles` throws
 */
export function readColabInput(root: string = projectRoot()): ColabInput {
  const file = join(root, 'results/colab-input.json');
  if (!existsSync(file)) throw new InputError('the input cell has not run', { code: 'colab-input-missing', place: { file }, hint: 'Runtime > Run all, or run the cells above first' });
  let choice: Omit<ColabInput, 'symbol'> | null;
  try {
    choice = JSON.parse(readFileSync(file, 'utf8')) as Omit<ColabInput, 'symbol'> | null;
  } catch (cause) {
    throw new InputError('what the input cell wrote is not whole', { code: 'colab-input-unreadable', place: { file }, hint: 'run the input cell again', cause });
  }
  if (choice === null) return {};
  const inProject = (folders: readonly string[] = []): string[] => folders.map((folder) => join(root, folder));
  const [models, candles] = [inProject(choice.models), inProject(choice.candles)];
  const [first] = models.length > 0 ? listDataFiles(models, 'model').symbols : candles.length > 0 ? listDataFiles(candles, 'candles').symbols : [];
  return { ...choice, ...(first !== undefined && { symbol: first.symbol }) };
}
