import { InputError } from '../errors.js';
import type { EvaluationPlan, SymbolPlan } from './evaluation-plan.js';

/**
 * One symbol's part of a plan.
 * @throws InputError `unknown-symbol`
 */
export function symbolPlan({ symbols }: EvaluationPlan, symbol: string): SymbolPlan {
  const found = symbols.find((each) => each.symbol === symbol);
  if (found !== undefined) return found;
  const known = symbols.map((each) => each.symbol).join(', ');
  throw new InputError(`no model of ${symbol}; there are models of ${known}`, { code: 'unknown-symbol', hint: 'name one of these' });
}
