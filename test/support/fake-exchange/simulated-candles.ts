const MINUTE_MS = 60_000;

/** Open time in ms, open, high, low, close, volume. */
export type SimulatedCandle = readonly [number, number, number, number, number, number];

/**
 * The truth of the fake exchange: a pure function of symbol and minute. About one minute in 50 has no trade, and one day
 * in 45 has eleven hours without one, longer than two pages.
 */
export function simulatedCandle(symbol: string, time: number): SimulatedCandle | undefined {
  const minute = time / MINUTE_MS;
  const day = Math.floor(minute / 1440);
  const name = nameNumber(symbol);
  if ((day + name) % 45 === 30 && minute % 1440 >= 360 && minute % 1440 < 1020) return undefined;
  if (uniform(name, minute, 1) < 0.02) return undefined;
  const open = price(name, minute);
  const close = price(name, minute + 1);
  const cents = (value: number): number => Math.round(value * 100) / 100;
  return [time, open, cents(Math.max(open, close) * (1 + 0.001 * uniform(name, minute, 2))), cents(Math.min(open, close) * (1 - 0.001 * uniform(name, minute, 3))), close, Math.round(uniform(name, minute, 4) * 1e6) / 1e4];
}

/** Those with `from <= time < to`, oldest first. */
export function simulatedCandles(symbol: string, from: number, to: number): SimulatedCandle[] {
  const candles: SimulatedCandle[] = [];
  for (let time = Math.ceil(from / MINUTE_MS) * MINUTE_MS; time < to; time += MINUTE_MS) {
    const candle = simulatedCandle(symbol, time);
    if (candle !== undefined) candles.push(candle);
  }
  return candles;
}

function price(name: number, minute: number): number {
  const level = 100 * (1 + (name % 50));
  return Math.round(100 * level * (1 + 0.2 * Math.sin(minute / 20_000) + 0.01 * Math.sin(minute / 37) + 0.002 * uniform(name, minute, 5))) / 100;
}

function nameNumber(symbol: string): number {
  let sum = 0;
  for (const letter of symbol) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
  return sum;
}

/** A draw in [0, 1) that depends on its arguments alone (the finalizer of MurmurHash3, Austin Appleby, public domain). */
export function uniform(...keys: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const key of keys) {
    hash ^= key >>> 0;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return (hash >>> 0) / 2 ** 32;
}
