import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../project-root.js';

/** The user's own data where none is named: the folders of the project that hold any. */
export interface OwnData {
  /** One folder, or none. */
  readonly features: readonly string[];
  readonly candles: readonly string[];
  /** For a person: `data/features and data/candles`; empty where neither holds a file. */
  readonly names: string;
}

export function findOwnData(): OwnData {
  const root = projectRoot();
  const [features, candles] = ['data/features', 'data/candles'].map((folder) => (holdsFiles(join(root, folder)) ? [folder] : []));
  const inRoot = (folder: string): string => join(root, folder);
  return { features: features.map(inRoot), candles: candles.map(inRoot), names: [...features, ...candles].join(' and ') };
}

/** Whether a folder is there and holds more than hidden files. */
export function holdsFiles(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true && readdirSync(folder).some((name) => !name.startsWith('.'));
}
