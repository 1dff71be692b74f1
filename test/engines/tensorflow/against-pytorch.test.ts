import type { Tensor, Tensor1D, Tensor3D } from '@tensorflow/tfjs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { forwardPass } from '../../../src/engines/tensorflow/forward.js';
import type { TensorFlow } from '../../../src/engines/tensorflow/tensorflow.js';
import { describeArchitecture } from '../../../src/models/describe-architecture.js';
import { POSITIONS } from '../../../src/models/positions.js';
import { adamW, clipByNorm, type AdamWState } from '../../../src/training/adamw.js';
import { fixtures } from '../../support/requirements.js';
import { describeOnTensorFlow } from '../../support/loaded-tensorflow.js';

interface Packed {
  readonly shape: number[];
  /** float32, little-endian, base64. */
  readonly data: string;
}

interface Case {
  readonly input: Packed;
  readonly label: Packed;
  readonly weights: Readonly<Record<string, Packed>>;
  readonly gradients: Readonly<Record<string, Packed>>;
  /** Before each of eleven steps. */
  readonly losses: readonly number[];
}

// What PyTorch 2.13 gave: test/fixtures/training/make_steps.py.
const { cases } = JSON.parse(readFileSync(join(fixtures, 'training/steps.json'), 'utf8')) as { readonly cases: Readonly<Record<string, Case>> };

function values({ data }: Packed): Float32Array {
  const bytes = Buffer.from(data, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}

function opened({ tf }: TensorFlow, { weights, input, label }: Case) {
  const tensor = (packed: Packed) => tf.tensor(values(packed), packed.shape);
  const described = describeArchitecture(new Map(Object.entries(weights).map(([name, packed]) => [name, { shape: packed.shape, data: values(packed) }])), { file: 'steps.json', heads: 2 });
  const parameters = new Map(Object.entries(weights).map(([name, packed]) => [name, tensor(packed)]));
  const positions = parameters.get(POSITIONS);
  parameters.delete(POSITIONS);
  return { architecture: described.architecture, parameters, positions, input: tensor(input) as Tensor3D, label: tensor(label) as Tensor1D };
}

/** Loss of these parameters as `torch.nn.BCEWithLogitsLoss` has it, and its gradients by name. */
function lossAndGradients(tensorFlow: TensorFlow, { architecture, positions, input, label }: ReturnType<typeof opened>, parameters: ReadonlyMap<string, Tensor>) {
  const { tf } = tensorFlow;
  const pass = forwardPass(tensorFlow, architecture);
  const names = [...parameters.keys()];
  const { value, grads } = tf.valueAndGrads((...tensors: Tensor[]) => {
    const named = new Map(names.map((name, index) => [name, tensors[index]]));
    if (positions !== undefined) named.set(POSITIONS, positions);
    const logits = pass.logits(named, pass.inputLayout === 'time-first' ? tf.transpose(input, [1, 0, 2]) : input);
    return tf.losses.sigmoidCrossEntropy(label, logits);
  })([...parameters.values()]);
  return { loss: value.dataSync()[0], gradients: new Map(names.map((name, index) => [name, grads[index]])) };
}

describeOnTensorFlow('training steps against PyTorch', (tensorFlow) => {
  const { tf } = tensorFlow;
  for (const [name, recorded] of Object.entries(cases)) {
    it(`${name}: the gradients agree to 1e-5`, () => {
      tf.engine().startScope();
      const model = opened(tensorFlow, recorded);
      const { loss, gradients } = lossAndGradients(tensorFlow, model, model.parameters);
      expect(Math.abs(loss - recorded.losses[0])).toBeLessThan(1e-6);
      expect([...gradients.keys()].sort()).toEqual(Object.keys(recorded.gradients).sort());
      for (const [parameter, packed] of Object.entries(recorded.gradients)) {
        const expected = values(packed);
        const got = gradients.get(parameter)!.dataSync();
        const difference = expected.reduce((largest, value, index) => Math.max(largest, Math.abs(value - got[index])), 0);
        expect(difference, parameter).toBeLessThan(1e-5);
      }
      tf.engine().endScope();
    });

    it(`${name}: ten steps of AdamW stay within 1e-4 of its loss`, () => {
      tf.engine().startScope();
      const model = opened(tensorFlow, recorded);
      let parameters: ReadonlyMap<string, Tensor> = model.parameters;
      const moments = new Map<string, AdamWState>();
      const losses: number[] = [];
      for (let step = 1; step <= recorded.losses.length; step++) {
        const { loss, gradients } = lossAndGradients(tensorFlow, model, parameters);
        losses.push(loss);
        parameters = new Map(
          [...parameters].map(([key, weight]) => {
            const flat = weight.flatten();
            const before = moments.get(key) ?? { weights: flat, firstMoment: tf.zerosLike(flat), secondMoment: tf.zerosLike(flat) };
            const after = adamW(tf, { ...before, weights: flat }, clipByNorm(tf, gradients.get(key)!.flatten(), Infinity), { learningRate: 1e-3, weightDecay: 0.01, step });
            moments.set(key, after);
            return [key, after.weights.reshape(weight.shape)];
          }),
        );
      }
      recorded.losses.forEach((expected, step) => expect(Math.abs(losses[step] - expected)).toBeLessThan(1e-4));
      // The loss moved: ten steps of nothing would agree with nothing.
      expect(losses[0] - losses[10]).toBeGreaterThan(1e-3);
      tf.engine().endScope();
    });
  }
});
