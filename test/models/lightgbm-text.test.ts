import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { floatAtMost, treesOnnx } from '../../src/engines/onnx/baseline-graphs.js';
import type { Scorer } from '../../src/engines/engine.js';
import { openOnnx } from '../../src/engines/onnx/onnx-engine.js';
import { readLightGbm } from '../../src/models/lightgbm-text.js';
import { describeOnnx } from '../../src/models/onnx-file.js';
import { fixtures } from '../support/requirements.js';

const folder = join(fixtures, 'baselines');
const text = readFileSync(join(folder, 'boosting.txt'), 'utf8');
const boosting = JSON.parse(readFileSync(join(folder, 'boosting.json'), 'utf8')) as { readonly rows: readonly (readonly number[])[]; readonly p: readonly number[] };
const elsewhere = JSON.parse(readFileSync(join(folder, 'elsewhere.json'), 'utf8')) as Readonly<Record<string, readonly number[]>>;
const windows = { rows: Float32Array.from(boosting.rows.flat()), rowCount: boosting.rows.length, featureCount: boosting.rows[0].length, length: 1, ends: Int32Array.from(boosting.rows.keys()) };

const open: Scorer[] = [];
afterAll(() => Promise.all(open.map((each) => each.dispose())));
async function score(bytes: Uint8Array): Promise<Float64Array> {
  const scorer = await openOnnx(describeOnnx(bytes, 'a model', ''), { windowLength: 1, device: 'cpu', threads: 1 });
  open.push(scorer);
  return scorer.score(windows);
}
const largestDifference = (p: Float64Array, expected: readonly number[]): number => Math.max(...p.map((value, index) => Math.abs(value - expected[index])));

describe("LightGBM's text model", () => {
  it('as an ONNX graph predicts what LightGBM does, on its thresholds and just above them too', async () => {
    const p = await score(treesOnnx(readLightGbm(text, 'boosting.txt'), { slope: 1, intercept: 0 }, {}));
    expect(largestDifference(p, boosting.p)).toBeLessThan(1e-6);
    expect(new Set(boosting.p).size).toBeGreaterThan(100);
  });

  it("carries Platt's map and the manifest", async () => {
    const bytes = treesOnnx(readLightGbm(text, 'boosting.txt'), { slope: 0.5, intercept: 0.1 }, { crpbot: JSON.stringify({ featureSet: 'mine', windowLength: 1 }) });
    const mapped = boosting.p.map((p) => 1 / (1 + Math.exp(-(0.5 * Math.log(p / (1 - p)) + 0.1))));
    expect(largestDifference(await score(bytes), mapped)).toBeLessThan(1e-6);
    expect(describeOnnx(bytes, 'a model', '').manifest).toEqual({ featureSet: 'mine', windowLength: 1 });
  });

  it('takes a tree that is one leaf', async () => {
    const [, block] = /(Tree=0[\s\S]*?)\n\n/.exec(text) ?? [];
    const stump = text.replace(block, 'Tree=0\nnum_leaves=1\nnum_cat=0\nsplit_feature=\nsplit_gain=\nthreshold=\ndecision_type=\nleft_child=\nright_child=\nleaf_value=0.25\nis_linear=0\nshrinkage=1');
    const { trees } = readLightGbm(stump, 'stump.txt');
    expect([...trees[0].leaf]).toEqual([0.25]);
    const p = await score(treesOnnx({ featureCount: windows.featureCount, trees: [trees[0]] }, { slope: 1, intercept: 0 }, {}));
    expect(p[0]).toBeCloseTo(1 / (1 + Math.exp(-0.25)), 6);
  });

  it.each([
    ['cut anywhere', text.slice(0, text.indexOf('\nTree=12')), /says 30 trees and holds 12/],
    ['cut within its last tree', text.slice(0, text.indexOf('end of trees') - 200), /cut short|must be/],
    ['another objective', text.replace('objective=binary sigmoid:1', 'objective=regression'), /objective is regression/],
    ['a child that is its own parent', text.replace(/left_child=\S+/, 'left_child=0'), /no tree/],
    ['a feature there is not', text.replace(/split_feature=\d+/, 'split_feature=5'), /split_feature/],
    ['a threshold that is no number', text.replace(/threshold=\S+/, 'threshold=x'), /threshold/],
    ['categories', text.replace(/decision_type=\d+/, 'decision_type=1'), /categories/],
    ['zeros as missing', text.replace(/decision_type=\d+/, 'decision_type=4'), /zeros/],
    ['another file', 'PK\u0003\u0004', /not LightGBM/],
  ])('refuses %s', (_, damaged, reason) => {
    expect(damaged).not.toBe(text);
    expect(() => readLightGbm(damaged, 'damaged.txt')).toThrow(expect.objectContaining({ code: 'bad-boosting-model', message: expect.stringMatching(reason) as string }) as Error);
  });
});

describe('ONNX models made elsewhere', () => {
  it.each(['forest', 'lightgbm'])('%s: rows in, label and probabilities out', async (name) => {
    const bytes = readFileSync(join(folder, `${name}.onnx`));
    expect(describeOnnx(bytes, name, '')).toMatchObject({ input: 'rows', windowLength: 1, inputSize: 5, manifest: {} });
    expect(largestDifference((await score(bytes)).slice(0, 200), elsewhere[name])).toBeLessThan(1e-6);
  });

  it('probabilities as a list of maps are refused, and the hint says how to export them', () => {
    const refused = expect.objectContaining({ code: 'bad-onnx', message: expect.stringContaining('ZipMap') as string, hint: expect.stringMatching(/zipmap.*False/) as string }) as Error;
    expect(() => describeOnnx(readFileSync(join(folder, 'zipmap.onnx')), 'zipmap.onnx', '')).toThrow(refused);
  });
});

describe('a threshold as float32', () => {
  it('is the largest that does not exceed it', () => {
    for (const value of [0.1, -0.1, 1e-35, -1e-35, 1e-50, -1e-50, 0, 16777217, -16777217, 0.5]) {
      const below = floatAtMost(value);
      expect(below).toBe(Math.fround(below));
      expect(below <= value).toBe(true);
      const bits = new DataView(new ArrayBuffer(4));
      bits.setFloat32(0, below);
      const next = below >= 0 ? bits.getInt32(0) + 1 : bits.getInt32(0) - 1;
      bits.setInt32(0, Object.is(below, -0) ? 1 : next);
      expect(bits.getFloat32(0) > value || bits.getFloat32(0) === 0).toBe(true);
    }
  });
});
