import type * as tfjs from '@tensorflow/tfjs';

export type Tfjs = typeof tfjs;

/** What to compute on. `auto` takes a GPU that was proven, else the CPU. */
export type Device = 'auto' | 'cpu' | 'gpu';

/** An attribute of a TensorFlow kernel. */
export type Attribute =
  | { readonly type: 'float32' | 'float16' | 'int32' | 'int64' | 'bool' }
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly bool: boolean }
  | { readonly text: string };

export type Attributes = Readonly<Record<string, Attribute>>;

/** TensorFlow's own kernels by their registered names: whatever tfjs has no function for. */
export interface NativeOps {
  /** Runs a kernel. The caller disposes what it returns, as with any tfjs op. */
  run(name: string, attributes: Attributes, inputs: readonly tfjs.Tensor[], outputs: number): tfjs.Tensor[];
  /**
   * For a loop of many small kernels, where tfjs' own work on every tensor costs as much as the kernel. What `work`
   * returns becomes tensors; everything else that it made is freed.
   */
  bare(work: (kernels: BareKernels) => readonly Handle[]): tfjs.Tensor[];
}

/** A tensor in TensorFlow's hands, with no tfjs tensor around it. */
export interface Handle {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** Kernels on handles, good until the work they were given to ends. */
export interface BareKernels {
  /** The tensor stays the caller's. */
  readonly handle: (tensor: tfjs.Tensor) => Handle;
  /** Its attributes are read once, however often it is called. */
  readonly kernel: (name: string, attributes: Attributes, outputs: number) => (...inputs: Handle[]) => Handle[];
  /** Frees what a kernel made before `work` ends, so that its memory serves the next one while it is still in the cache. */
  readonly free: (...handles: Handle[]) => void;
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
  /** On a GPU: the types of number in which cuDNN's LSTM agreed with the other forms when this was loaded. */
  readonly cudnnLstm?: readonly CudnnType[];
  /** Matrix products are of float16 numbers: see `mixedPrecision`. */
  readonly halfProducts?: true;
}

export type CudnnType = 'float32' | 'float16';
