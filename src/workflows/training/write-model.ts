import { join } from 'node:path';
import { writeTogether } from '../../atomic-file.js';
import { buildOnnx } from '../../engines/onnx/build-onnx.js';
import { encodePytorch } from '../../models/pytorch/write-pytorch.js';
import { weightsSha256 } from '../../models/safetensors/weights-hash.js';
import { encodeSafetensors, type CheckpointContent } from '../../models/safetensors/write-safetensors.js';
import { defaultWindow } from '../model-settings.js';

export const MODEL_FORMATS = ['safetensors', 'pt', 'onnx'] as const;
export type ModelFormat = (typeof MODEL_FORMATS)[number];

/**
 * Writes a model as `<kind>_<SYMBOL>_1m_<hash>.<format>`, all formats or none; the hash is of its weights.
 * @throws InputError `cannot-write`
 */
export function writeModel({ outDir, formats }: { readonly outDir: string; readonly formats: readonly ModelFormat[] }, symbol: string, content: CheckpointContent): string[] {
  const stem = `${content.architecture.kind}_${symbol.replaceAll('-', '_')}_1m_${weightsSha256(content.weights).slice(0, 8)}`;
  const files = formats.map((format) => ({ path: join(outDir, `${stem}.${format}`), content: encodeModel(format, content) }));
  writeTogether(files);
  return files.map(({ path }) => path);
}

/** @param content whose manifest goes along in each format */
export function encodeModel(format: ModelFormat, content: CheckpointContent): Uint8Array {
  if (format === 'safetensors') return encodeSafetensors(content);
  if (format === 'pt') return encodePytorch(content);
  const { architecture, weights, manifest } = content;
  const windowLength = manifest.windowLength ?? defaultWindow(architecture);
  return buildOnnx(architecture, weights, { windowLength, layout: 'batch-first', precision: 'fp32', metadata: { crpbot: JSON.stringify(manifest) } });
}
