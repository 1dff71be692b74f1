import { InputError } from '../errors.js';

/** The bytes stop before what they promise: nearly always an interrupted copy or download. */
export function truncatedCheckpoint(file: string, what: string, cause?: unknown): InputError {
  return new InputError(`${file} is cut short: ${what}`, {
    code: 'truncated-checkpoint',
    place: { file },
    hint: 'copy or download the file again and compare its size with the original',
    cause,
  });
}

/** The bytes contradict each other. */
export function corruptCheckpoint(file: string, what: string, cause?: unknown): InputError {
  return new InputError(`${file} is damaged: ${what}`, {
    code: 'corrupt-checkpoint',
    place: { file },
    hint: 'copy the file again, or write it again (torch.save, npx crpbot convert)',
    cause,
  });
}

/** Understood, but of a kind that is not read. */
export function unsupportedCheckpoint(file: string, what: string, hint: string): InputError {
  return new InputError(`${file}: ${what}`, { code: 'unsupported-checkpoint', place: { file }, hint });
}

/** Not a checkpoint at all. */
export function notACheckpoint(file: string, what: string, hint?: string): InputError {
  return new InputError(`${file} is not a checkpoint: ${what}`, {
    code: 'not-a-checkpoint',
    place: { file },
    hint: hint ?? 'give a file written by torch.save or crpbot (.pt, .pth, .safetensors)',
  });
}

export function unsupportedTensor(file: string, tensor: string | undefined, what: string): InputError {
  return new InputError(`${file}${tensor === undefined ? '' : `, tensor ${tensor}`}: ${what}`, {
    code: 'unsupported-tensor',
    place: tensor === undefined ? { file } : { file, tensor },
    hint: 'save dense float32, float16, bfloat16 or float64 weights: model.float().state_dict()',
  });
}
