/** A figure that is undefined or not finite is an empty field: absent, not zero. */
export type CsvValue = string | number | boolean | undefined;

/** One line of a CSV file (RFC 4180), without its line end. Numbers as their shortest text that reads back exactly. */
export function csvLine(values: readonly CsvValue[]): string {
  return values.map(csvField).join(',');
}

function csvField(value: CsvValue): string {
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Sentences as one field: `Accuracy 47.8 % misses the gate; No window was traded`. */
export function joinReasons(reasons: readonly string[]): string {
  return reasons.map((reason) => reason.replace(/[.\s]+$/, '')).join('; ');
}
