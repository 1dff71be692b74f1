/** Market sessions by UTC hour: Tokyo [0, 8), London [8, 16), New York [16, 24). */
export const SESSIONS = ['tokyo', 'london', 'new_york'] as const;
export type Session = (typeof SESSIONS)[number];

/** The original's tiers of confidence: high >= 0.75, medium >= 0.65, else low. */
export const TIERS = ['high', 'medium', 'low'] as const;
export type Tier = (typeof TIERS)[number];

export function tierOf(confidence: number): Tier {
  if (confidence >= 0.75) return 'high';
  return confidence >= 0.65 ? 'medium' : 'low';
}

/** How sure a probability is of its own decision, whichever way it goes. */
export function confidenceOf(probability: number): number {
  return Math.max(probability, 1 - probability);
}

/** @param time ms since the epoch, UTC. */
export function sessionOf(time: number): Session {
  const hour = Math.floor(time / 3_600_000) % 24;
  return SESSIONS[Math.floor(hour / 8) as 0 | 1 | 2];
}
