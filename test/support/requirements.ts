import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe } from 'vitest';
import { findTensorFlow } from '../../src/engines/tensorflow/find-tensorflow.js';
import { findLightGbm } from '../../src/workflows/training/baselines/find-lightgbm.js';

export const projectRoot = resolve(process.cwd());
export const fixtures = join(projectRoot, 'test/fixtures');

/** The folder of samples beside the project, or undefined where it is not there. */
export function sharedSamples(): string | undefined {
  const folder = resolve(projectRoot, '../shared/samples');
  return existsSync(folder) ? folder : undefined;
}

/**
 * A block of tests that needs something this machine may lack. Where it is missing the block is skipped and its
 * name says why; in CI (`CI=true`) it fails instead, except for the samples beside the project.
 */
export function describeWhen(available: boolean, name: string, missing: string, body: () => void): void {
  if (available) describe(name, body);
  else if (process.env.CI === 'true') {
    throw new Error(`${name}: ${missing}, and in CI nothing may be skipped`);
  } else describe.skip(`${name} (skipped: ${missing})`, body);
}

/** Tests on `../shared/samples`: the one thing whose absence may skip in CI too. */
export function describeWithShared(name: string, body: (samples: string) => void): void {
  const samples = sharedSamples();
  if (samples === undefined) describe.skip(`${name} (skipped: ../shared/samples is not there)`, () => body(''));
  else describe(name, () => body(samples));
}

/** Tests that train boosting: where a Python with LightGBM is found. */
export async function describeWithLightGbm(name: string, body: () => void): Promise<void> {
  const missing = await findLightGbm().then(() => undefined, (error: unknown) => (error as Error).message);
  describeWhen(missing === undefined, name, missing ?? '', body);
}

/** Tests that compute on TensorFlow: where `crpbot setup tensorflow` has found or installed one. */
export function describeWithTensorFlow(name: string, body: () => void): void {
  let missing: string | undefined;
  try {
    findTensorFlow();
  } catch (error) {
    missing = (error as Error).message;
  }
  describeWhen(missing === undefined, name, missing ?? '', body);
}
