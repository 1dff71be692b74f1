import type { Architecture } from '../../models/architecture.js';
import type { ForwardPass } from './forward-pass.js';
import { lstmForward } from './lstm-forward.js';
import { tcnForward } from './tcn-forward.js';
import type { TensorFlow } from './tensorflow.js';
import { transformerForward } from './transformer-forward.js';

/** The arithmetic of an architecture, made for this tensor library. */
export function forwardPass(tensorFlow: TensorFlow, architecture: Architecture): ForwardPass {
  switch (architecture.kind) {
    case 'lstm':
      return lstmForward(tensorFlow, architecture);
    case 'transformer':
      return transformerForward(tensorFlow, architecture);
    case 'tcn':
      return tcnForward(tensorFlow, architecture);
  }
}
