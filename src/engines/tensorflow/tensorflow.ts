import type * as tfjs from '@tensorflow/tfjs';

export type Tfjs = typeof tfjs;

/** What to compute on. `auto` takes a GPU that was proven, else the CPU. */
export type Device = 'auto' | 'cpu' | 'gpu';

/** An attribute of a TensorFlow kernel. */
export type Attribute =
  | { readonly type: 'float32' | 'int32' | 'int64' | 'bool' }
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly bool: boolean }
  | { readonly text: string };

/** TensorFlow's own kernels by their registered names: whatever tfjs has no function for. */
export interface NativeOps {
  /** Runs a kernel. The caller disposes what it returns, as with any tfjs op. */
  run(name: string, attributes: Readonly<Record<string, Attribute>>, inputs: readonly tfjs.Tensor[], outputs: number): tfjs.Tensor[];
}

/** A tensor library made ready to compute, once a process. */
export interface TensorFlow {
  readonly tf: Tfjs;
  /** `tensorflow`: the C++ library under `@tensorflow/tfjs-node-gpu`. `wasm`: the fallback, about 30 times slower at training. */
  readonly backend: 'tensorflow' | 'wasm';
  readonly device: 'cpu' | 'gpu';
  /** Version of the library that computes: `2.21.0`, or tfjs' own for `wasm`. */
  readonly version: string;
  /** Present on `tensorflow` only. */
  readonly native?: NativeOps;
}
