import { SetupError } from '../../errors.js';
import { lastLines, runProgram } from '../../run-program.js';
import type { CachedBinding } from './binding-cache.js';

export interface BindingProof {
  /** What the library itself says. */
  readonly version: string;
  /** Whether TensorFlow took a GPU. */
  readonly gpu: boolean;
  /** TensorFlow's own words on devices that it took or could not take. */
  readonly deviceLog: readonly string[];
}

/** Run by a Node.js of its own: a library that ends its process ends no one else's. */
const PROOF = `
const b = require(process.argv[1]);
const make = (shape, values) => b.createTensor(shape, b.TF_FLOAT, new Float32Array(values));
const type = (name, value) => ({ name, type: b.TF_ATTR_TYPE, value });
const flag = (name) => ({ name, type: b.TF_ATTR_BOOL, value: false });
const [c] = b.executeOp('MatMul', [type('T', b.TF_FLOAT), flag('transpose_a'), flag('transpose_b')], [make([2, 2], [1, 2, 3, 4]), make([2, 1], [5, 6])], 1);
console.log('PROOF ' + JSON.stringify({ version: b.TF_Version, gpu: b.isUsingGpuDevice(), product: [...b.tensorDataSync(c.id)] }));`;

/**
 * Loads a compiled binding in a process of its own and multiplies two matrices on it.
 * @throws SetupError `binding-broken`
 */
export async function proveBinding({ file, madeFrom }: CachedBinding, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<BindingProof> {
  const run = { cwd: process.cwd(), signal: options.signal, env: { TF_CPP_MIN_LOG_LEVEL: '0', TF_FORCE_GPU_ALLOW_GROWTH: 'true', NODE_OPTIONS: '' } };
  const end = await runProgram(process.execPath, ['-e', PROOF, file], run);
  const said = /^PROOF (.*)$/m.exec(end.output)?.[1];
  const proof = said === undefined ? undefined : (JSON.parse(said) as { version: string; gpu: boolean; product: number[] });
  if (end.status === 0 && proof !== undefined && proof.product.join() === '17,39') {
    return { version: proof.version, gpu: proof.gpu, deviceLog: deviceLines(end.output) };
  }
  const what = proof === undefined ? lastLines(end.output) : `[[1, 2], [3, 4]] times [5, 6] gave ${proof.product.join(', ')}`;
  throw new SetupError(`the binding to TensorFlow ${madeFrom.tensorflow.version} does not compute:\n${what}`, {
    code: 'binding-broken',
    place: { file },
    hint: 'run npx crpbot doctor, and report what it prints',
  });
}

/** The lines of TensorFlow's log that speak of GPUs, without times and source places. */
export function deviceLines(log: string): string[] {
  const spoken = log.split('\n').filter((line) => /gpu|cuda|cudnn|dlopen/i.test(line) && /^(\d{4}-|[IWEF]\d{4} )/.test(line));
  return [...new Set(spoken.map((line) => line.replace(/^.*?\.(?:cc|h):\d+\]\s*/, '')))];
}
