import type { Evaluation } from '../../evaluation/evaluation.js';
import type { PairedLogLoss } from '../../evaluation/paired-log-loss.js';
import type { ScoredWindows } from '../../evaluation/scored-windows.js';

/** Several models of each symbol, on the same candles and windows. */
export interface Comparison {
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly crpbotVersion: string;
  /** What was compared, for a person. */
  readonly source: string;
  /** Spread and slippage together at which `netReturns` are given, bps, increasing. */
  readonly costsBps: readonly number[];
  readonly symbols: readonly ComparedSymbol[];
  readonly warnings: readonly string[];
}

export interface ComparedSymbol {
  readonly symbol: string;
  /** Name of the model that the others are held against. */
  readonly reference: string;
  /** Windows that all models have: every figure is of these. */
  readonly windows: number;
  /** Windows that some models have and not all. */
  readonly left: number;
  readonly models: readonly ComparedModel[];
}

export interface ComparedModel {
  /** Short, and no other model's of this symbol: `lstm`, `tcn 3f1b22aa`. */
  readonly name: string;
  /** File's name. */
  readonly model: string;
  readonly modelSha256: string;
  /** Of the file, an ensemble's models included. */
  readonly bytes: number;
  readonly featureSet: string;
  readonly alignment: string;
  readonly leaky: boolean;
  /** Rows that were scored were among those the model was trained on, as its own manifest says. */
  readonly seenInTraining: boolean;
  /** Of the shared windows. */
  readonly scored: ScoredWindows;
  readonly evaluation: Evaluation;
  /** Against the reference; absent for the reference itself. */
  readonly against?: PairedLogLoss;
  /** Of trades both ways, in the order of `costsBps`. */
  readonly netReturns: readonly number[];
  readonly engine: string;
  /** Seconds spent scoring all of its own windows, an ensemble's models included, one model at a time. */
  readonly seconds: number;
  readonly windowsPerSecond: number;
  readonly assumed: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * A short name for each model of one symbol: what its file's name begins with (`lstm`), with its feature set or else the
 * end of the file's name where several begin alike; the whole name where that does not tell them apart either.
 */
export function shortNames(models: readonly { readonly model: string; readonly featureSet: string }[]): string[] {
  const kindOf = (file: string): string => /^[A-Za-z][A-Za-z0-9]*(?=[_-])/.exec(file)?.[0].toLowerCase() ?? file;
  const forms = models.map(({ model, featureSet }) => {
    const kind = kindOf(model);
    return [kind, `${kind} ${featureSet}`, `${kind} ${/([^_-]+)\.[^.]+$/.exec(model)?.[1] ?? model}`, model];
  });
  const alike = (index: number): number[] => forms.flatMap(([kind], other) => (kind === forms[index][0] ? [other] : []));
  return forms.map((form, index) => {
    // All that begin alike are named in one way.
    const way = form.findIndex((_, candidate) => new Set(alike(index).map((other) => forms[other][candidate])).size === alike(index).length);
    const same = forms.slice(0, index).filter((other) => other[3] === form[3]).length;
    return way >= 0 ? form[way] : same === 0 ? form[3] : `${form[3]} (${same + 1})`;
  });
}

/** What the interval of a difference in log loss says: `better`, `worse`, `not told apart`. */
export function judgement({ interval }: PairedLogLoss): 'better' | 'worse' | 'not told apart' | '-' {
  if (interval === undefined) return '-';
  if (interval.high < 0) return 'better';
  return interval.low > 0 ? 'worse' : 'not told apart';
}

/** Of all but the reference. */
export function differencesOf(models: readonly ComparedModel[]): ({ readonly name: string } & PairedLogLoss)[] {
  return models.flatMap(({ name, against }) => (against === undefined ? [] : [{ name, ...against }]));
}
