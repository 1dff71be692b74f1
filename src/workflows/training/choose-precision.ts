import { mixedPrecision } from '../../engines/tensorflow/half-precision.js';
import type { TensorFlow } from '../../engines/tensorflow/tensorflow.js';
import { isExpectedError } from '../../errors.js';
import type { TrainingSettings } from '../../training/training-settings.js';

export type Precision = 'fp32' | 'mixed';

/**
 * What is computed in, and the settings that say so. Without a wish a GPU takes mixed precision where that works, and a CPU
 * fp32: it would compute float16 more slowly.
 * @throws SetupError `no-mixed-precision` where it was wished for
 */
export function choosePrecision(loaded: TensorFlow, wish: Precision | undefined, given: TrainingSettings, onNote: ((note: string) => void) | undefined): { readonly tensorFlow: TensorFlow; readonly settings: TrainingSettings } {
  if (wish === 'fp32' || (wish === undefined && loaded.device === 'cpu')) return { tensorFlow: loaded, settings: given };
  try {
    const tensorFlow = mixedPrecision(loaded);
    if (loaded.device === 'cpu') onNote?.('mixed precision is made for GPUs: on a CPU it is slower than fp32');
    return { tensorFlow, settings: { ...given, precision: 'mixed' } };
  } catch (error) {
    if (wish === 'mixed' || !isExpectedError(error)) throw error;
    onNote?.(`training in fp32: ${error.message}`);
    return { tensorFlow: loaded, settings: given };
  }
}
