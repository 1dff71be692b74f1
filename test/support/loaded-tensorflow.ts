import { loadTensorFlow } from '../../src/engines/tensorflow/load-tensorflow.js';
import type { TensorFlow } from '../../src/engines/tensorflow/tensorflow.js';
import { describeWhen } from './requirements.js';

const loaded = await loadTensorFlow({ device: 'cpu', backend: 'tensorflow', threads: 1 }).catch(() => undefined);

/** Tests on TensorFlow itself, one thread of a CPU. */
export function describeOnTensorFlow(name: string, body: (tensorFlow: TensorFlow) => void): void {
  describeWhen(loaded !== undefined, name, 'TensorFlow is not set up: crpbot setup tensorflow', () => body(loaded!));
}
