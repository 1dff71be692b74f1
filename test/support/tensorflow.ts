import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describeWhen, projectRoot } from './requirements.js';

/** TensorFlow's binding lies where tfjs-node looks for it: `crpbot setup tensorflow` has been run. */
function hasTensorFlow(): boolean {
  try {
    const util = createRequire(join(projectRoot, 'package.json'))('node:util') as { isNullOrUndefined?: (value: unknown) => boolean };
    util.isNullOrUndefined ??= (value) => value === null || value === undefined;
    createRequire(join(projectRoot, 'package.json'))('@tensorflow/tfjs-node-gpu');
    return true;
  } catch {
    return false;
  }
}

/** Tests that compute with TensorFlow. */
export function describeWithTensorFlow(name: string, body: () => void): void {
  describeWhen(hasTensorFlow(), name, 'TensorFlow is not set up: crpbot setup tensorflow', body);
}
