import type { Tensor } from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { loadTensorFlow } from '../../../src/engines/tensorflow/load-tensorflow.js';
import { tcnForward } from '../../../src/engines/tensorflow/tcn-forward.js';
import type { TensorFlow } from '../../../src/engines/tensorflow/tensorflow.js';
import { receptiveField } from '../../../src/models/tcn.js';
import { describeWithTensorFlow } from '../../support/requirements.js';
import { architecture, pytorch, weights } from '../small-tcn.js';

const past = receptiveField(architecture) - 1;
const [batch, rows, features] = pytorch.rows.shape as [number, number, number];
const names = Object.keys(pytorch.gradients);

/** With TensorFlow's own kernels, and composed of tfjs' functions as on WASM. */
const forms = [['fused', (tensorFlow: TensorFlow) => tensorFlow], ['composed', ({ tf, backend, device, version }: TensorFlow): TensorFlow => ({ tf, backend, device, version })]] as const;

describeWithTensorFlow('a TCN on TensorFlow', () => {
  let tensorFlow: TensorFlow;
  beforeAll(async () => {
    tensorFlow = await loadTensorFlow({ threads: 1 });
  });
  const parameters = () => new Map(names.map((name): [string, Tensor] => [name, tensorFlow.tf.tensor(weights.get(name)!.data, [...weights.get(name)!.shape])]));
  const timeFirst = (data: ArrayLike<number>) => tensorFlow.tf.transpose(tensorFlow.tf.tensor3d(Float32Array.from(data), [batch, rows, features]), [1, 0, 2]);
  const logitsOf = (form: TensorFlow, data: ArrayLike<number>) => form.tf.tidy(() => tcnForward(form, architecture).logits(parameters(), timeFirst(data)).slice([0, past]).dataSync());

  it.each(forms)("gives PyTorch's logits (%s)", (_name, formOf) => {
    const logits = logitsOf(formOf(tensorFlow), pytorch.rows.data);
    logits.forEach((value, index) => expect(Math.abs(value - pytorch.logits.data[index])).toBeLessThan(1e-6));
  });

  it('says how many rows it needs before the first it predicts', () => {
    expect(tcnForward(tensorFlow, architecture).warmUpRows).toBe(past);
  });

  it.each(forms)("gives PyTorch's gradients of the loss, for every weight (%s)", (_name, formOf) => {
    const form = formOf(tensorFlow);
    const { tf } = form;
    tf.tidy(() => {
      const forward = tcnForward(form, architecture);
      const label = tf.tensor(Float32Array.from(pytorch.label.data), [batch, rows]).slice([0, past]);
      const input = timeFirst(pytorch.rows.data);
      const { value, grads } = tf.valueAndGrads((...each: Tensor[]) => {
        const logits = forward.logits(new Map(names.map((name, index) => [name, each[index]])), input).slice([0, past]);
        return tf.softplus(logits).sub(logits.mul(label)).mean().asScalar();
      })([...parameters().values()]);
      expect(value.dataSync()[0]).toBeCloseTo(pytorch.loss, 6);
      names.forEach((name, index) => {
        const { shape, data } = pytorch.gradients[name];
        expect(grads[index].shape, name).toEqual(shape);
        const found = Float32Array.from(grads[index].dataSync());
        const differences = data.map((expected, place) => Math.abs(found[place] - expected));
        expect(Math.max(...differences), name).toBeLessThan(1e-6);
      });
    });
  });

  it('shows no row to the logits before it', () => {
    const changed = [...pytorch.rows.data];
    const row = 18;
    for (let feature = 0; feature < features; feature++) changed[row * features + feature] += 3;
    const [before, after] = [pytorch.rows.data, changed].map((data) => logitsOf(tensorFlow, data));
    const predictions = rows - past;
    for (let prediction = 0; prediction < batch * predictions; prediction++) {
      const seesIt = prediction < predictions && prediction + past >= row;
      expect(after[prediction] !== before[prediction]).toBe(seesIt);
    }
  });

  it('drops units of the head in training only, the same for the same seed', () => {
    const { tf } = tensorFlow;
    tf.tidy(() => {
      const forward = tcnForward(tensorFlow, architecture);
      const logits = (seed?: number) => [...forward.logits(parameters(), timeFirst(pytorch.rows.data), seed === undefined ? undefined : { rate: 0.5, seed }).dataSync()];
      expect(logits(1)).toEqual(logits(1));
      expect(logits(1)).not.toEqual(logits(2));
      expect(logits(1)).not.toEqual(logits());
    });
  });

  it('leaves no tensor behind, step after step', () => {
    const { tf } = tensorFlow;
    const forward = tcnForward(tensorFlow, architecture);
    const step = () =>
      tf.tidy(() => {
        const input = timeFirst(pytorch.rows.data);
        tf.grads((...each: Tensor[]) => forward.logits(new Map(names.map((name, index) => [name, each[index]])), input, { rate: 0.2, seed: 1 }).square().mean())([...parameters().values()]);
      });
    step();
    const before = tf.memory().numTensors;
    for (let count = 0; count < 50; count++) step();
    expect(tf.memory().numTensors).toBe(before);
  }, 60_000);
});
