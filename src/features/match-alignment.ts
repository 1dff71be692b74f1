import type { Candles } from '../candles/candles.js';
import { InputError } from '../errors.js';
import { fitAlignment, headOf } from './alignment-fit.js';
import type { AlignmentFit, ColumnMismatch, Head } from './alignment-fit.js';
import type { Alignment, FeatureSet } from './feature-set.js';
import { allFeatureSets } from './feature-sets.js';
import type { NamedColumns } from './named-columns.js';

/** Rows looked at first, to leave out alignments that clearly do not fit. */
const GLANCE_ROWS = 5000;

export interface MatchOptions {
  /** The alignment that is wanted; without it the one found is taken. */
  readonly alignment?: Alignment | undefined;
  /** Rows before are not compared: the first complete row. Default 0. */
  readonly from?: number;
  /** Named in errors. */
  readonly file?: string;
}

/**
 * Decides which alignment feature columns of unknown origin have, by computing the feature set `name` from the candles
 * beside them and comparing ALL rows of every column (`column-rules.ts` says within what).
 *
 * - Ranks and regimes may differ only where ranges nearly tie (`near-ties.ts`), bands by what running sums drift
 *   (`band-drift.ts`).
 * - A file cut from a longer history fits too: its first rows, as far as they remember candles that are not in the
 *   file, are not compared, and RSI and MACD get an allowance that shrinks to nothing.
 * - Under `legacy` and `legacy-a`, whose bars were downloaded separately, a few bar values may differ; under `causal`
 *   not one. So a table that is causal only in part is never called causal.
 * - `v1-31` has no bars: its alignments differ in the head alone, which is empty, filled backward (a leak), or continued
 *   from earlier candles (then it is both). A head filled backward is never causal, in `v2-50` neither.
 * - Where several fit, there being nothing in the file to tell them apart, the wanted one is taken, else the first.
 *
 * @throws InputError `alignment-mismatch` (it fits another than the wanted one), `alignment-unknown` (it fits none),
 * `features-too-short` (no row of some column can be compared).
 */
export function matchAlignment(given: NamedColumns, candles: Candles, name: string, options: MatchOptions = {}): FeatureSet {
  const { alignment: wanted, from = 0, file = 'the feature table' } = options;
  // Only the original's sets were ever filled, and all of them hold RSI.
  const head = given.rsi === undefined ? 'empty' : headOf(given);
  const sets = plausibleSets(given, candles, name, from);
  let fits = sets.map((set) => fitAlignment(given, candles, set, from)).map((fit) => judgeHead(fit, head, given));
  if (!fits.some((fit) => fit.fits)) {
    const others = allFeatureSets().filter((set) => set.name === name && !sets.includes(set));
    fits = [...fits, ...others.map((set) => judgeHead(fitAlignment(given, candles, set, from), head, given))];
  }
  const fitting = fits.filter((fit) => fit.fits).map((fit) => fit.featureSet);
  if (fitting.length === 0) throw fitsNone(fits, name, file, candles);
  const found = fitting.find((set) => set.alignment === wanted) ?? fitting[0];
  if (wanted !== undefined && found.alignment !== wanted) throw fitsAnother(found, wanted, file);
  return found;
}

/** The sets whose first rows fit, or all when none does. */
function plausibleSets(given: NamedColumns, candles: Candles, name: string, from: number): readonly FeatureSet[] {
  const sets = allFeatureSets().filter((set) => set.name === name);
  const to = from + GLANCE_ROWS;
  if (candles.time.length < 2 * to) return sets;
  const { symbol, time, open, high, low, close, volume } = candles;
  const cut = (values: Float64Array): Float64Array => values.subarray(0, to);
  const glance = { symbol, time: cut(time), open: cut(open), high: cut(high), low: cut(low), close: cut(close), volume: cut(volume) };
  const columns = Object.fromEntries(Object.entries(given).map(([column, values]) => [column, cut(values)]));
  const plausible = sets.filter((set) => fitAlignment(columns, glance, set, from).fits);
  return plausible.length > 0 ? plausible : sets;
}

function judgeHead(fit: AlignmentFit, head: Head, given: NamedColumns): AlignmentFit {
  const { alignment, name } = fit.featureSet;
  const contradicted =
    (alignment === 'causal' && head === 'filled-backward') || (name === 'v1-31' && alignment === 'legacy' && head === 'empty');
  if (!contradicted) return fit;
  const value = given.rsi[0];
  const mismatch: ColumnMismatch = { column: 'rsi', row: 0, given: value, computed: alignment === 'causal' ? NaN : given.rsi[13], rows: 13, compared: 13 };
  return { ...fit, fits: false, mismatches: [mismatch, ...fit.mismatches] };
}

function fitsAnother(found: FeatureSet, wanted: Alignment, file: string): InputError {
  const leak = !found.leaky ? '' : found.name === 'v1-31' ? ' (its first rows are filled from later ones)' : ' (it shows up to 59 minutes of the future)';
  return new InputError(`${file} fits ${found.alignment}${leak}, not ${wanted}`, {
    code: 'alignment-mismatch',
    place: { file },
    hint: `compute ${wanted} features from candles: npx crpbot features --alignment ${wanted}; models that were trained on these are read by npx crpbot evaluate --alignment ${found.alignment}`,
  });
}

function fitsNone(fits: readonly AlignmentFit[], name: string, file: string, candles: Candles): InputError {
  const nearest = [...fits].sort((a, b) => a.mismatches.length - b.mismatches.length)[0];
  const worst = nearest.mismatches[0];
  if (worst === undefined) {
    return new InputError(`${file} is too short to be checked: ${candles.time.length} rows, none of ${nearest.untested[0]} can be compared with its candles`, {
      code: 'features-too-short',
      place: { file },
      hint: 'give at least 300 rows, or the candles instead (--candles)',
    });
  }
  const others = nearest.mismatches.length === 1 ? '' : `, and ${nearest.mismatches.length - 1} more columns differ`;
  return new InputError(
    `${file} fits no alignment of ${name}: by ${nearest.featureSet.alignment}, the nearest, ${worst.column} in row ${worst.row} is ` +
      `${worst.given} where its candles give ${worst.computed} (${worst.rows} of ${worst.compared} rows differ${others})`,
    {
      code: 'alignment-unknown',
      place: { file, row: worst.row, column: worst.column },
      hint: pricesWereFloat32(candles)
        ? 'its prices were stored as float32, which loses digits that features are computed from: write the file, or at least its prices, as float64'
        : 'compute the features again from the candles (npx crpbot features), or give the file its own candles',
    },
  );
}

/** Every price is a float32, and not only because all have few digits, as whole numbers have. */
function pricesWereFloat32({ open, high, low, close }: Candles): boolean {
  const prices = [open, high, low, close];
  return (
    prices.every((values) => values.every((value) => Math.fround(value) === value)) &&
    prices.some((values) => values.some((value) => Number(value.toPrecision(8)) !== value))
  );
}
