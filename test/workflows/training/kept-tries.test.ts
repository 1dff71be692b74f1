import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openKeptTries, type KeptTries } from '../../../src/workflows/training/kept-tries.js';
import type { TrainedModel, TrainTask } from '../../../src/workflows/training/train-model.js';

let folder: string;
let candles: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crpbot-tries-'));
  candles = join(folder, 'ETH-SIM_1m.csv');
  writeFileSync(candles, 'candles');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (): KeptTries => openKeptTries(join(folder, 'out'), { symbol: 'ETH-SIM', candles: [candles], features: [] });
const task = { model: 'tcn', featureSet: 'v2-50', horizon: 15, settings: { seed: 1 } } as unknown as TrainTask;

/** Trains by writing a file; counts how often. */
function trainer() {
  const made: string[] = [];
  const train = ({ outDir }: TrainTask): Promise<TrainedModel> => {
    made.push(outDir);
    const file = join(outDir, 'model.safetensors');
    mkdirSync(outDir, { recursive: true });
    writeFileSync(file, 'weights');
    return Promise.resolve({ files: [file] } as unknown as TrainedModel);
  };
  return { made, run: (tries: KeptTries, changed: Partial<TrainTask> = {}) => tries.run({ ...task, ...changed }, train) };
}

it('a finished try is not trained again, one of other settings or other candles is', async () => {
  const { made, run } = trainer();
  const first = open();
  await run(first);
  await run(first);
  expect(made.length).toBe(1);
  await run(first, { horizon: 30 });
  expect(made.length).toBe(2);
  first.close('keep');

  const again = open();
  expect(again.done).toBe(2);
  await run(again);
  expect(made.length).toBe(2);
  again.close('keep');

  writeFileSync(candles, 'other candles');
  await run(open());
  expect(made.length).toBe(3);
});

it('one whose model is gone, or whose record cannot be read, is trained again', async () => {
  const { made, run } = trainer();
  const tries = open();
  await run(tries);
  const place = join(tries.folder, readdirSync(tries.folder).find((name) => existsSync(join(tries.folder, name, 'try.json')))!);
  rmSync(join(place, 'model.safetensors'));
  await run(tries);
  writeFileSync(join(place, 'try.json'), '{"files":');
  await run(tries);
  expect(made).toEqual([place, place, place]);
});

it('is for one search at a time', () => {
  const first = open();
  expect(() => open()).toThrowError(expect.objectContaining({ code: 'search-busy' }) as Error);
  first.close('remove');
  expect(existsSync(first.folder)).toBe(false);
});
