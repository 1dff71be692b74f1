import type { TimeRange } from '../time-range.js';

/** One series of the store: where it was collected and what. Its parts lie in `<root>/<exchange>/<symbol>/1m/<yyyy-mm>.parquet`. */
export interface SeriesId {
  /** Lower case, as ccxt names it: `coinbase`. */
  readonly exchange: string;
  /** Canonical: `BTC-USD`. */
  readonly symbol: string;
}

/** What the manifest says of one month's part. */
export interface MonthRecord {
  readonly rows: number;
  /** Open times of its first and last candle, ISO 8601 UTC. */
  readonly first: string;
  readonly last: string;
  /** SHA-256 of the part's bytes, hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * `manifest.json` beside the parts. Holds nothing that depends on when or how often the collector ran, so that the same
 * candles give the same bytes.
 */
export interface SeriesManifest {
  readonly format: 1;
  readonly exchange: string;
  readonly symbol: string;
  readonly timeframe: '1m';
  /** By month, `2025-01`, in order. */
  readonly months: Readonly<Record<string, MonthRecord>>;
  /** What the exchange was asked for and answered, merged: a minute in here without a candle had no trade. */
  readonly covered: readonly TimeRange[];
  /** A part about to take its name: after a crash its file may already be this one. Absent at rest. */
  readonly writing?: { readonly month: string; readonly sha256: string };
}
