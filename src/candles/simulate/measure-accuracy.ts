import { MINUTE_MS } from '../candles.js';
import type { BestAccuracy } from './best-accuracy.js';
import { MINUTES_PER_DAY, dayProfile } from './day-profile.js';
import type { DriftProcess } from './drift-process.js';
import { driftFilter } from './drift-process.js';
import type { SimulatedMonth } from './simulate-candles.js';

/** How often the two best forecasters were right about these candles. Accuracies are NaN without windows. */
export interface MeasuredAccuracy extends BestAccuracy {
  /** Rows with an outcome: the candle `horizon` rows on is there and `horizon` minutes later. */
  readonly windows: number;
  /** Share of windows in which the close rose; ties did not. */
  readonly upShare: number;
}

/** Plays both forecasters over simulated candles, month after month. */
export class AccuracyMeter {
  readonly #filter: { readonly gain: number; readonly persistence: number };
  readonly #profile = dayProfile();
  readonly #horizon: number;
  readonly #time: Float64Array;
  readonly #close: Float64Array;
  readonly #saysUp: Uint8Array;
  #rows = 0;
  #estimate = 0;
  #lastTime = NaN;
  #windows = 0;
  #ups = 0;
  #rightSeeing = 0;
  #rightFromCandles = 0;

  constructor(process: DriftProcess, horizon: number) {
    this.#filter = { gain: driftFilter(process).gain, persistence: process.persistence };
    this.#horizon = horizon;
    this.#time = new Float64Array(horizon);
    this.#close = new Float64Array(horizon);
    this.#saysUp = new Uint8Array(horizon);
  }

  add({ candles: { time, open, close }, drift }: SimulatedMonth): void {
    for (let row = 0; row < time.length; row++) {
      this.#observe(time[row], Math.log(close[row] / open[row]));
      const slot = this.#rows % this.#horizon;
      if (this.#rows >= this.#horizon && time[row] - this.#time[slot] === this.#horizon * MINUTE_MS) this.#score(slot, close[row]);
      this.#time[slot] = time[row];
      this.#close[slot] = close[row];
      this.#saysUp[slot] = (drift[row] > 0 ? 1 : 0) | (this.#estimate > 0 ? 2 : 0);
      this.#rows++;
    }
  }

  result(): MeasuredAccuracy {
    const share = (count: number): number => count / this.#windows;
    return { windows: this.#windows, upShare: share(this.#ups), seeingTheDrift: share(this.#rightSeeing), fromCandles: share(this.#rightFromCandles) };
  }

  #observe(time: number, move: number): void {
    const { gain, persistence } = this.#filter;
    const minutes = Number.isNaN(this.#lastTime) ? 1 : (time - this.#lastTime) / MINUTE_MS;
    const predicted = persistence ** minutes * this.#estimate;
    this.#estimate = predicted + gain * (move / this.#profile[(time / MINUTE_MS) % MINUTES_PER_DAY] - predicted);
    this.#lastTime = time;
  }

  #score(slot: number, close: number): void {
    const rose = close > this.#close[slot];
    const says = this.#saysUp[slot];
    this.#windows++;
    if (rose) this.#ups++;
    if (((says & 1) !== 0) === rose) this.#rightSeeing++;
    if (((says & 2) !== 0) === rose) this.#rightFromCandles++;
  }
}
