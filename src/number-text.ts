/** What stands where a figure was not computed. */
export const absent = '-';

/** `72.8 %`; a share of 1 is 100 %. */
export function percent(share: number | undefined, digits = 1): string {
  return share === undefined || !Number.isFinite(share) ? absent : `${fixed(share * 100, digits)} %`;
}

/** A value and its gate, with as many digits as tell them apart: `67.99 %` against `68.00 %`. */
export function percentsApart(value: number, gate: number): readonly [value: string, gate: string] {
  let digits = 1;
  while (digits < 6 && value !== gate && percent(value, digits) === percent(gate, digits)) digits += 1;
  return [percent(value, digits), percent(gate, digits)];
}

/** `[71.2, 74.3] %` without the unit: `[71.2, 74.3]`. */
export function percentInterval(interval: { readonly low: number; readonly high: number } | undefined, digits = 1): string {
  if (interval === undefined || !Number.isFinite(interval.low) || !Number.isFinite(interval.high)) return absent;
  return `[${fixed(interval.low * 100, digits)}, ${fixed(interval.high * 100, digits)}]`;
}

/** `0.573`. */
export function decimal(value: number | undefined, digits = 3): string {
  return value === undefined || !Number.isFinite(value) ? absent : fixed(value, digits);
}

/** `10,302.57`, in quote currency. */
export function money(value: number | undefined, digits = 2): string {
  if (value === undefined || !Number.isFinite(value)) return absent;
  const text = value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return /[1-9]/.test(text) ? text : text.replace('-', '');
}

/** `154,503`; rounded to a whole number. */
export function count(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? absent : Math.round(value).toLocaleString('en-US');
}

/** `2025-05-05T00:00:00Z`, from ms since the epoch. */
export function isoTime(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

/** `2025-05-05 00:00 UTC`, from ms since the epoch. */
export function minuteText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text;
}
