/** One line of `crpbot doctor`. */
export interface Check {
  readonly name: string;
  /** `missing`: not there, and needed for something only. `broken`: there, and does not work. */
  readonly state: 'ok' | 'missing' | 'broken';
  /** Whether the project cannot do without it. */
  readonly required: boolean;
  readonly found: string;
  /** What to do, where something is to be done. */
  readonly advice?: string;
}

export const ok = (name: string, found: string): Check => ({ name, state: 'ok', required: false, found });

export function missing(name: string, found: string, advice: string): Check {
  return { name, state: 'missing', required: false, found, advice };
}
