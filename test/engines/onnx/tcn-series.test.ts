import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { buildOnnx } from '../../../src/engines/onnx/build-onnx.js';
import { openOnnx } from '../../../src/engines/onnx/onnx-engine.js';
import { cutChunks } from '../../../src/engines/onnx/series-scorer.js';
import type { Scorer } from '../../../src/engines/engine.js';
import { describeOnnx } from '../../../src/models/onnx-file.js';
import { receptiveField } from '../../../src/models/tcn.js';
import { architecture, checkpoint, noise, pytorch, weights } from '../small-tcn.js';

const length = receptiveField(architecture);
const open: Scorer[] = [];
const byBatch = new Map<number | undefined, Promise<Scorer>>();
function scorer(batch?: number): Promise<Scorer> {
  const made = byBatch.get(batch) ?? openOnnx(checkpoint, { windowLength: length, threads: 2, batch });
  if (!byBatch.has(batch)) void made.then((each) => open.push(each));
  byBatch.set(batch, made);
  return made;
}
afterAll(() => Promise.all(open.map((each) => each.dispose())));

describe('chunks of a series', () => {
  it('hold every end once, within the rows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 20 }), fc.func(fc.boolean()), (window, more, predictions, keep) => {
        const all = noise(window + more, window, 1, 1);
        const windows = { ...all, ends: all.ends.filter((end) => keep(end)) };
        const { chunks, predictions: each, places } = cutChunks(windows, predictions);
        for (const end of chunks.ends) expect(end - chunks.length + 1 >= 0 && end < chunks.rowCount).toBe(true);
        windows.ends.forEach((end, index) => {
          const chunk = Math.floor(places[index] / each);
          expect(chunks.ends[chunk] - (each - 1) + (places[index] % each)).toBe(end);
        });
      }),
    );
  });
});

describe('a TCN on ONNX Runtime', () => {
  it("gives PyTorch's probabilities", async () => {
    const [, rowCount, featureCount] = pytorch.rows.shape;
    const windows = { ...noise(rowCount, length), rows: Float32Array.from(pytorch.rows.data.slice(0, rowCount * featureCount)) };
    const p = await (await scorer()).score(windows);
    p.forEach((value, index) => expect(value).toBeCloseTo(1 / (1 + Math.exp(-pytorch.logits.data[index])), 6));
  });

  it('gives the same bits however a series is cut, and wherever it begins', async () => {
    const windows = noise(700, length);
    const whole = await (await scorer()).score(windows);
    expect(new Set(whole).size).toBeGreaterThan(600);
    for (const batch of [1, 7, 100, 256]) expect(await (await scorer(batch)).score(windows)).toEqual(whole);
    const later = { ...noise(700, length), rows: windows.rows.slice(3 * windows.featureCount), rowCount: 697, ends: windows.ends.slice(3).map((end) => end - 3) };
    expect(await (await scorer()).score(later)).toEqual(whole.slice(3));
    const every5th = windows.ends.filter((_, index) => index % 5 === 0);
    expect(await (await scorer()).score({ ...windows, ends: every5th })).toEqual(whole.filter((_, index) => index % 5 === 0));
  });

  it('sees no row after, and none beyond its receptive field before', async () => {
    const windows = noise(120, length);
    const before = await (await scorer()).score(windows);
    const changed = windows.rows.slice();
    const row = 60;
    for (let feature = 0; feature < windows.featureCount; feature++) changed[row * windows.featureCount + feature] += 5;
    const after = await (await scorer()).score({ ...windows, rows: changed });
    windows.ends.forEach((end, index) => expect(after[index] !== before[index]).toBe(end >= row && end < row + length));
  });

  it('keeps a row that is not finite to the windows that hold it', async () => {
    const windows = noise(120, length);
    const clean = await (await scorer()).score(windows);
    windows.rows[40 * windows.featureCount] = NaN;
    const kept = windows.ends.filter((end) => end < 40 || end >= 40 + length);
    expect(await (await scorer()).score({ ...windows, ends: kept })).toEqual(clean.filter((_, index) => windows.ends[index] < 40 || windows.ends[index] >= 40 + length));
  });

  it('is a file that scores window by window', async () => {
    const bytes = buildOnnx(architecture, weights, { windowLength: length, layout: 'batch-first', precision: 'fp32' });
    const file = await openOnnx(describeOnnx(bytes, 'tcn.onnx', ''), { windowLength: length, threads: 1 });
    open.push(file);
    const windows = noise(80, length);
    const series = await (await scorer()).score(windows);
    (await file.score(windows)).forEach((p, index) => expect(p).toBeCloseTo(series[index], 6));
  });

  it('is not quantized', async () => {
    await expect(openOnnx(checkpoint, { windowLength: length, precision: 'int8' })).rejects.toMatchObject({ code: 'int8-unsupported' });
  });
});
