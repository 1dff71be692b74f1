import { InputError } from '../errors.js';

/** One model's say in an ensemble. */
export interface EnsembleMember {
  readonly name: string;
  /** Share of the mean before renormalisation, > 0. */
  readonly weight: number;
  /** P(up), `[windows]`; NaN where it has none. Absent when the model is missing. */
  readonly probability?: ArrayLike<number> | undefined;
}

/** The original's shares of the main models (V3); others come by validation. */
export const V3_WEIGHTS = { lstm: 0.35, transformer: 0.4 } as const;

/**
 * Weighted mean of the members' P(up). Where one is missing the others' weights are renormalised; where all are it is
 * NaN. `conservativeBias` draws the mean towards 0.5 by that share: 0 leaves it, 1 decides nothing.
 * @throws InputError `bad-ensemble`
 */
export function ensembleProbability(members: readonly EnsembleMember[], conservativeBias = 0): Float64Array {
  if (!(conservativeBias >= 0 && conservativeBias <= 1)) throw refused(`a conservative bias must be in [0, 1], not ${conservativeBias}`);
  const windows = members.find(({ probability }) => probability !== undefined)?.probability?.length;
  if (windows === undefined) throw refused(`none of the ensemble's models is there (${members.map(({ name }) => name).join(', ')})`);
  const sum = new Float64Array(windows);
  const weights = new Float64Array(windows);
  for (const { name, weight, probability } of members) {
    if (!(weight > 0 && weight < Infinity)) throw refused(`the weight of ${name} must be a number > 0, not ${weight}`);
    if (probability === undefined) continue;
    if (probability.length !== windows) throw refused(`${name} has ${probability.length} windows and others have ${windows}`);
    for (let window = 0; window < windows; window++) {
      if (Number.isNaN(probability[window])) continue;
      sum[window] += weight * probability[window];
      weights[window] += weight;
    }
  }
  return sum.map((total, window) => 0.5 + (1 - conservativeBias) * (total / weights[window] - 0.5));
}

function refused(message: string): InputError {
  return new InputError(message, { code: 'bad-ensemble', hint: 'give models of the same windows, with weights > 0' });
}
