import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../../src/models/checkpoint.js';
import { readPytorch } from '../../../src/models/pytorch/read-pytorch.js';
import { PickleWriter, pytorchArchive, type PickledTensor } from '../../support/pickle-writer.js';
import { refusalOf } from '../../support/refusals.js';

const bytesOf = (values: Float32Array | Float64Array | Uint16Array): Uint8Array => new Uint8Array(values.buffer);
const counting = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => i);

function read(tensor: Partial<PickledTensor> & { readonly count: number; readonly shape: readonly number[] }, storage: Uint8Array): Tensor {
  const pickle = new PickleWriter().dict({ state_dict: (writer) => writer.dict({ w: (each) => each.tensor({ key: '0', ...tensor }) }) }).end();
  return readPytorch(pytorchArchive(pickle, [storage]), 'x.pt', 'pytorch-zip').weights.get('w')!;
}

describe('a tensor', () => {
  it('is a strided window on its storage', () => {
    const storage = bytesOf(counting(12));
    expect([...read({ count: 12, shape: [2, 3], offset: 4 }, storage).data]).toEqual([4, 5, 6, 7, 8, 9]);
    expect([...read({ count: 12, shape: [3, 2], stride: [1, 3] }, storage).data]).toEqual([0, 3, 1, 4, 2, 5]);
    expect([...read({ count: 12, shape: [2, 2, 2], stride: [1, 6, 3], offset: 1 }, storage).data]).toEqual([1, 4, 7, 10, 2, 5, 8, 11]);
    expect([...read({ count: 12, shape: [3], stride: [0], offset: 7 }, storage).data]).toEqual([7, 7, 7]);
    expect(read({ count: 12, shape: [], offset: 5 }, storage)).toEqual({ shape: [], data: Float32Array.of(5) });
    expect(read({ count: 12, shape: [0, 3] }, storage).data).toHaveLength(0);
  });

  it('has its numbers where its strides say, for any shape, order of axes and offset', () => {
    const axes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(axes, fc.array(fc.nat(), { minLength: 4, maxLength: 4 }), fc.nat(5), (shape, order, offset) => {
        const ranks = shape.map((_, axis) => ({ axis, rank: order[axis] })).sort((a, b) => a.rank - b.rank);
        const stride = shape.map(() => 0);
        let step = 1;
        for (const { axis } of ranks) {
          stride[axis] = step;
          step *= shape[axis];
        }
        const count = step + offset;
        const { data } = read({ count, shape, stride, offset }, bytesOf(counting(count)));
        data.forEach((value, flat) => {
          let element = offset;
          let rest = flat;
          for (let axis = shape.length - 1; axis >= 0; axis--) {
            element += (rest % shape[axis]) * stride[axis];
            rest = Math.floor(rest / shape[axis]);
          }
          expect(value).toBe(element);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('of float64, float16 or bfloat16 is widened or rounded to float32', () => {
    expect([...read({ storage: 'DoubleStorage', count: 2, shape: [2] }, bytesOf(Float64Array.of(0.1, -1e300))).data]).toEqual([Math.fround(0.1), -Infinity]);
    // numpy.float16([1, -2, 65504, 2**-24, 0.333, inf, -0.0]).view('u2'); the largest, the smallest and a rounded one.
    const half = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x3554, 0x7c00, 0x8000);
    expect([...read({ storage: 'HalfStorage', count: 7, shape: [7] }, bytesOf(half)).data]).toEqual([1, -2, 65504, 2 ** -24, 0.3330078125, Infinity, -0]);
    const bfloat = Uint16Array.of(0x3f80, 0xc000, 0x3eab, 0x7f80);
    expect([...read({ storage: 'BFloat16Storage', count: 4, shape: [4] }, bytesOf(bfloat)).data]).toEqual([1, -2, 0.333984375, Infinity]);
  });

  it.each<[string, Partial<PickledTensor> & { shape: number[] }, RegExp]>([
    ['a shape beyond the storage', { shape: [13] }, /passes the end of storage 0, which has 12 elements/],
    ['an offset beyond it', { shape: [1], offset: 12 }, /passes the end/],
    ['strides beyond it', { shape: [3, 2], stride: [6, 1] }, /passes the end/],
    ['fewer strides than axes', { shape: [3, 2], stride: [1] }, /is rebuilt from/],
    ['a negative stride', { shape: [2], stride: [-1] }, /is rebuilt from/],
    ['a negative size', { shape: [-2], stride: [1] }, /is rebuilt from/],
    ['more axes than tensors have', { shape: Array<number>(40).fill(1) }, /is rebuilt from/],
    ['a size beyond all memory', { shape: [2 ** 30, 2 ** 30, 2 ** 30], stride: [0, 0, 0] }, /passes the end/],
    ['an expanded tensor larger than any file', { shape: [2 ** 28], stride: [0] }, /more numbers than the file has bytes/],
  ])('with %s is refused before any room is made', (_name, tensor, message) => {
    const error = refusalOf(() => read({ count: 12, ...tensor }, bytesOf(counting(12))));
    expect(error.code).toBe('corrupt-checkpoint');
    expect(error.message).toMatch(message);
  });

  it('stored lazily negated is refused: its numbers are not the stored ones', () => {
    const rebuilt = new PickleWriter()
      .dict({
        w: (writer) =>
          writer.global('torch._utils', '_rebuild_tensor_v2').tuple(
            (each) => each.tuple((id) => id.text('storage'), (id) => id.global('torch', 'FloatStorage'), (id) => id.text('0'), (id) => id.text('cpu'), (id) => id.integer(1)).instruction('Q'),
            (each) => each.integer(0),
            (each) => each.integers([1]),
            (each) => each.integers([1]),
            (each) => each.raw(0x89),
            (each) => each.raw(0x4e),
            (each) => each.dict({ neg: (bit) => bit.raw(0x88) }),
          ).instruction('R'),
      })
      .end();
    const error = refusalOf(() => readPytorch(pytorchArchive(rebuilt, [new Uint8Array(4)]), 'x.pt', 'pytorch-zip'));
    expect(error.code).toBe('unsupported-tensor');
  });
});

describe('a state dict', () => {
  const one = (writer: PickleWriter): PickleWriter => writer.tensor({ key: '0', count: 1, shape: [1] });
  const model = (dict: Parameters<PickleWriter['dict']>[0]): ReturnType<typeof readPytorch> =>
    readPytorch(pytorchArchive(new PickleWriter().dict(dict).end(), [new Uint8Array(4)]), 'x.pt', 'pytorch-zip');

  it('stands under model_state_dict, state_dict or model, or is the file itself', () => {
    for (const key of ['model_state_dict', 'state_dict', 'model']) {
      expect([...model({ epoch: (each) => each.integer(3), [key]: (each) => each.dict({ w: one }) }).weights.keys()]).toEqual(['w']);
    }
    const bare = model({ w: one, epoch: (each) => each.integer(3) });
    expect([...bare.weights.keys()]).toEqual(['w']);
    expect(bare.manifest.metrics).toEqual({ epoch: 3 });
  });

  it('loses the prefixes of wrappers, in any order and number', () => {
    expect([...model({ 'module._orig_mod.module.w': one, _orig_mod: one }).weights.keys()]).toEqual(['w', '_orig_mod']);
    expect(refusalOf(() => model({ 'module.w': one, w: one }))).toMatchObject({ code: 'duplicate-weight', place: { tensor: 'w' } });
    expect([...model({ [`${'module.'.repeat(20_000)}w`]: one }).weights.keys()]).toEqual(['w']);
  });

  it('holds tensors only', () => {
    const error = refusalOf(() => model({ state_dict: (each) => each.dict({ w: one, extra: (value) => value.integer(1) }) }));
    expect(error).toMatchObject({ code: 'unsupported-tensor', place: { tensor: 'extra' } });
  });

  it('keeps the figures that are finite numbers, the metadata before the top level', () => {
    const stored = model({
      state_dict: (each) => each.dict({ w: one }),
      epoch: (each) => each.integer(1),
      loss: (each) => each.float(Number.NaN),
      note: (each) => each.text('ok'),
      metadata: (each) => each.dict({ epoch: (value) => value.integer(2), val_loss: (value) => value.float(0.25), done: (value) => value.raw(0x88) }),
    });
    expect(stored.manifest).toEqual({ metrics: { epoch: 2, val_loss: 0.25 } });
  });
});
