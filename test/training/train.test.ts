import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { weightsSha256 } from '../../src/models/safetensors/weights-hash.js';
import type { ProgressEvent } from '../../src/progress.js';
import { train, type TrainableModel } from '../../src/training/train.js';
import { takeTrainingLock } from '../../src/training/training-lock.js';
import { stateFile } from '../../src/training/training-state.js';
import { learnable, quickSettings, smallModel } from './small-network.js';

const examples = learnable(500, 1);
const validation = learnable(300, 2);

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'training-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('train', () => {
  it('learns what is there: validation loss well below a coin, and keeps the best epoch', async () => {
    const { best, curve, stopped } = await train(examples, validation, await smallModel(), quickSettings);
    expect(best.validationLoss).toBeLessThan(0.6);
    expect(best.validationAccuracy).toBeGreaterThan(0.7);
    expect(best.validationLoss).toBe(Math.min(...curve.map(({ validationLoss }) => validationLoss)));
    expect(stopped).toBe('epochs');
  });

  it('learns from every row of a sequence, and not from those unscored or without weight', async () => {
    const model = await smallModel('many');
    const sequences = learnable(500, 1, 20, 5);
    const { best, weights } = await train(sequences, learnable(300, 2, 20, 5), model, quickSettings);
    expect(best.validationAccuracy).toBeGreaterThan(0.7);
    // Row 3 is scored by no sequence, row 100 has no weight: whatever stands there changes nothing.
    const label = sequences.label.slice();
    const weight = sequences.weight.slice().fill(0, 100, 101);
    label[3] = NaN;
    const one = await train({ ...sequences, weight }, validation3(), model, quickSettings);
    label[100] = NaN;
    const other = await train({ ...sequences, weight, label }, validation3(), model, quickSettings);
    expect(weightsSha256(other.weights)).toBe(weightsSha256(one.weights));
    expect(weightsSha256(other.weights)).not.toBe(weightsSha256(weights));
  });

  it('refuses to score rows that the model cannot predict yet', async () => {
    const model = await smallModel('many');
    const past = { ...model, forward: { ...model.forward, warmUpRows: 6 } };
    for (const [training, seen] of [[5, 6], [6, 5]] as const) {
      const started = train(learnable(500, 1, 20, training), learnable(300, 2, 20, seen), past, quickSettings);
      await expect(started).rejects.toMatchObject({ code: 'scores-warm-up-rows', message: expect.stringMatching(training === 5 ? /^training .*from row 5 on.*from row 6 on/ : /^validation /) as string });
    }
    await expect(train(learnable(500, 1, 20, 6), learnable(300, 2, 20, 6), past, { ...quickSettings, epochs: 1 })).resolves.toMatchObject({ stopped: 'epochs' });
  });

  it('stops when validation has not become better for some epochs', async () => {
    const shuffled = { ...validation, label: validation.label.map((label) => 1 - label) };
    const { stopped, best, curve } = await train(examples, shuffled, await smallModel(), { ...quickSettings, epochs: 40, patience: 3 });
    expect(stopped).toBe('patience');
    expect(curve.length).toBe(best.epoch + 3);
  });

  it('gives the same weights for the same seed, others for another', async () => {
    const hash = async (seed: number): Promise<string> => weightsSha256((await train(examples, validation, await smallModel(), { ...quickSettings, seed })).weights);
    expect(await hash(1)).toBe(await hash(1));
    expect(await hash(2)).not.toBe(await hash(1));
  });

  it('says how far it is, and loss and accuracy beside a label that stays the same', async () => {
    const events: ProgressEvent[] = [];
    let time = 0;
    await train(examples, validation, await smallModel(), { ...quickSettings, epochs: 2 }, { label: 'training demo', now: () => (time += 500), onProgress: (event) => events.push(event) });
    expect(new Set(events.map((event) => event.label))).toEqual(new Set(['training demo']));
    expect(events[3].detail).toMatch(/^epoch 1 of 2: loss 0\.\d{4}, accuracy \d\d\.\d %$/);
    expect(events.at(-1)).toMatchObject({ done: 2 * examples.ends.length, total: 2 * examples.ends.length, unit: 'windows' });
  });

  it('takes one example in so many an epoch, and goes on to the same weights with it', async () => {
    const settings = { ...quickSettings, epochs: 6, stride: 3 };
    const events: ProgressEvent[] = [];
    const whole = await train(examples, validation, await smallModel(), settings, { onProgress: (event) => events.push(event) });
    expect(events.at(-1)).toMatchObject({ total: 6 * Math.floor(examples.ends.length / 3) });
    expect(events.at(-1)?.done).toBe(events.at(-1)?.total);
    const storage = { folder, run: 'stride' };
    await expect(train(examples, validation, dyingAfter(await smallModel(), 20), settings, { storage })).rejects.toThrow('power cut');
    const resumed = await train(examples, validation, await smallModel(), settings, { storage });
    expect(resumed.resumedAfter).toBeGreaterThan(0);
    expect(weightsSha256(resumed.weights)).toBe(weightsSha256(whole.weights));
  });

  it('leaves no tensor behind, whether it ends or is stopped', async () => {
    const model = await smallModel();
    const { tf } = model.tensorFlow;
    const before = tf.memory().numTensors;
    await train(examples, validation, model, quickSettings);
    expect(tf.memory().numTensors).toBe(before);
    await expect(train(poisoned(examples), validation, model, quickSettings)).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a training that was interrupted', () => {
  const settings = { ...quickSettings, epochs: 5 };

  it('goes on to the same weights, wherever it was stopped', async () => {
    const model = await smallModel();
    const whole = await train(examples, validation, model, settings);
    for (const stopAfter of [1, 17, 40, 79]) {
      const storage = { folder, run: `stopped-${stopAfter}` };
      await expect(train(examples, validation, dyingAfter(model, stopAfter), settings, { storage })).rejects.toThrow('power cut');
      const resumed = await train(examples, validation, model, settings, { storage });
      expect(resumed.resumedAfter, `stopped after ${stopAfter} calls`).toBe(Math.floor(stopAfter / 18));
      expect(weightsSha256(resumed.weights)).toBe(weightsSha256(whole.weights));
      expect(resumed.curve).toEqual(whole.curve);
      const again = await train(examples, validation, model, settings, { storage });
      expect(weightsSha256(again.weights)).toBe(weightsSha256(whole.weights));
      expect(again.resumedAfter).toBe(5);
    }
  });

  it('is refused on other data, under other settings, or from other weights', async () => {
    const control = { storage: { folder, run: 'demo' } };
    await train(examples, validation, await smallModel(), settings, control);
    const label = examples.label.slice();
    label[250] = 1 - label[250];
    await expect(train({ ...examples, label }, validation, await smallModel(), settings, control)).rejects.toMatchObject({ code: 'other-data', message: expect.stringContaining('training data changed') as string });
    await expect(train(examples, examples, await smallModel(), settings, control)).rejects.toMatchObject({ code: 'other-data', message: expect.stringContaining('validation data changed') as string });
    await expect(train(examples, validation, await smallModel(), { ...settings, learningRate: 0.03 }, control)).rejects.toMatchObject({ code: 'other-training', message: expect.stringContaining('learningRate was 0.02, is 0.03') as string });
    await expect(train(examples, validation, await smallModel('one', 3, 2), settings, control)).rejects.toMatchObject({ code: 'other-training' });
  });

  it('is refused when its state is damaged', async () => {
    const control = { storage: { folder, run: 'demo' } };
    await train(examples, validation, await smallModel(), settings, control);
    const file = stateFile(folder, 'demo');
    const bytes = readFileSync(file);
    writeFileSync(file, '');
    await expect(train(examples, validation, await smallModel(), settings, control)).rejects.toMatchObject({ code: 'truncated-checkpoint' });
    writeFileSync(file, bytes.subarray(0, bytes.length - 4));
    await expect(train(examples, validation, await smallModel(), settings, control)).rejects.toMatchObject({ code: 'truncated-checkpoint' });
    const description = bytes.indexOf('{\\"identity');
    writeFileSync(file, Buffer.concat([bytes.subarray(0, description), Buffer.from('['), bytes.subarray(description + 1)]));
    await expect(train(examples, validation, await smallModel(), settings, control)).rejects.toMatchObject({ code: 'corrupt-checkpoint', hint: expect.stringContaining('begin anew') as string });
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(file, bytes);
    await expect(train(examples, validation, await smallModel(), settings, control)).rejects.toMatchObject({ code: 'corrupt-checkpoint' });
  });

  it('is refused while another process trains it', async () => {
    const lock = await takeTrainingLock(folder, 'demo', { patienceMs: 0 });
    const control = { storage: { folder, run: 'demo' } };
    await expect(train(examples, validation, await smallModel(), settings, control)).rejects.toMatchObject({ code: 'training-busy', message: expect.stringContaining(`process ${process.pid}`) as string });
    lock.release();
    await expect(train(examples, validation, await smallModel(), settings, control)).resolves.toBeDefined();
  });
});

describe('training on what cannot be trained', () => {
  it('stops at a loss that is no number, says batch and column, and keeps the last good epoch', async () => {
    const control = { storage: { folder, run: 'demo' }, columns: ['close', 'rsi_14', 'volume'] };
    await expect(train(poisoned(examples), validation, await smallModel(), quickSettings, control)).rejects.toMatchObject({
      code: 'training-diverged',
      place: { row: 77, column: 'rsi_14' },
      message: expect.stringMatching(/^the loss is not a number at batch \d+ of epoch 1; its most suspicious value is NaN, in column rsi_14, row 77/) as string,
    });
    // Later, by a forward pass that turns: epoch 1 stays.
    const model = await smallModel();
    await expect(train(examples, validation, { ...model, forward: nanAfter(model, 30) }, quickSettings, { storage: { folder, run: 'later' } })).rejects.toThrow(stateFile(folder, 'later'));
    const resumed = await train(examples, validation, model, quickSettings, { storage: { folder, run: 'later' } });
    expect(resumed.resumedAfter).toBe(1);
  });

  it('suggests a smaller batch when memory is exhausted, and loses nothing', async () => {
    const model = await smallModel();
    const exhausted = dyingAfter(model, 30, 'Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[32,60,512]');
    const control = { storage: { folder, run: 'demo' } };
    await expect(train(examples, validation, exhausted, quickSettings, control)).rejects.toMatchObject({
      code: 'device-memory-exhausted',
      message: expect.stringContaining('nothing is lost') as string,
      hint: expect.stringContaining('--batch 16') as string,
    });
    expect((await train(examples, validation, model, quickSettings, control)).resumedAfter).toBe(1);
    // cuDNN says no more than this.
    const refused = dyingAfter(model, 3, 'Invalid TF_Status: 13\nMessage: Failed to call DoRnnBackward with model config: [rnn_mode, rnn_input_mode, rnn_direction_mode]: 2, 0, 1');
    await expect(train(examples, validation, refused, quickSettings)).rejects.toMatchObject({ code: 'device-memory-exhausted', message: expect.stringMatching(/^cuDNN's LSTM .* at batch 4 of epoch 1, with 32 examples a batch$/) as string });
  });

  it('does so in a validation too, which a smaller batch makes smaller', async () => {
    const model = await smallModel();
    const largest: number[] = [];
    const watched = { ...model, forward: { ...model.forward, logits: (...given: Parameters<typeof model.forward.logits>) => {
      largest.push(given[1].shape[0]);
      return model.forward.logits(...given);
    } } };
    await train(examples, validation, watched, { ...quickSettings, epochs: 1, batchSize: 8 });
    expect(Math.max(...largest)).toBe(64);
    // 16 steps an epoch and two batches of validation: the second epoch's.
    const control = { storage: { folder, run: 'demo' } };
    await expect(train(examples, validation, dyingAfter(model, 18 + 16, 'OOM when allocating tensor'), quickSettings, control)).rejects.toMatchObject({
      code: 'device-memory-exhausted',
      message: expect.stringMatching(/in the validation after epoch 2, with 32 examples a batch; nothing is lost/) as string,
      hint: expect.stringContaining('--batch 16') as string,
    });
    expect((await train(examples, validation, model, quickSettings, control)).resumedAfter).toBe(1);
  });

  it('refuses one class only, fewer windows than a batch, no validation, and settings that make no sense', async () => {
    const model = await smallModel();
    const attempt = (change: object, validationChange: object = {}, settings: object = {}) => train({ ...examples, ...change }, { ...validation, ...validationChange }, model, { ...quickSettings, ...settings });
    await expect(attempt({ label: new Float32Array(500).fill(1) })).rejects.toMatchObject({ code: 'one-class', message: expect.stringContaining('up only') as string });
    await expect(attempt({ ends: examples.ends.slice(0, 31) })).rejects.toMatchObject({ code: 'fewer-windows-than-batch', message: '31 training windows are fewer than one batch of 32' });
    await expect(attempt({ ends: examples.ends.slice(0, 95) }, {}, { stride: 3 })).rejects.toMatchObject({
      code: 'fewer-windows-than-batch',
      message: '31 training windows an epoch (of 95, one in 3) are fewer than one batch of 32',
      hint: 'give more candles, or a batch of at most 31 (--batch 31), or let an epoch take all of them (--stride 1)',
    });
    await expect(attempt({}, { weight: new Float32Array(300) })).rejects.toMatchObject({ code: 'no-validation' });
    await expect(attempt({}, { ends: new Int32Array(0) })).rejects.toMatchObject({ code: 'no-validation' });
    await expect(attempt({ ends: Int32Array.from({ length: 40 }, () => 500) })).rejects.toMatchObject({ code: 'window-outside-rows' });
    await expect(attempt({}, {}, { learningRate: NaN })).rejects.toMatchObject({ code: 'bad-training-setting', message: expect.stringContaining('NaN') as string });
    for (const bad of [{ dropout: 1 }, { stride: 0 }]) await expect(attempt({}, {}, bad)).rejects.toMatchObject({ code: 'bad-training-setting' });
  });
});

function validation3() {
  return learnable(300, 2, 20, 5);
}

/** One NaN, in column 1 of row 77. */
function poisoned(clean: typeof examples): typeof examples {
  const rows = clean.rows.slice();
  rows[77 * 3 + 1] = NaN;
  return { ...clean, rows };
}

function dyingAfter(model: TrainableModel, calls: number, message = 'power cut'): TrainableModel {
  let left = calls;
  return { ...model, forward: { ...model.forward, logits: (...given) => {
    if (left-- === 0) throw new Error(message);
    return model.forward.logits(...given);
  } } };
}

function nanAfter({ forward }: TrainableModel, calls: number): TrainableModel['forward'] {
  let left = calls;
  return { ...forward, logits: (...given) => {
    const logits = forward.logits(...given);
    return left-- > 0 ? logits : logits.mul(NaN);
  } };
}
