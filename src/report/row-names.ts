import type { ModelResult } from './run-result.js';

/** A name for each model that no other has: the symbol; where a symbol has several models, its file as well. */
export function rowNames(models: readonly Pick<ModelResult, 'symbol' | 'model'>[]): string[] {
  const withFile = models.map(({ symbol, model }) => (models.filter((each) => each.symbol === symbol).length > 1 ? `${symbol} ${model}` : symbol));
  return withFile.map((name, index) => {
    const before = withFile.slice(0, index).filter((each) => each === name).length;
    return before === 0 ? name : `${name} (${before + 1})`;
  });
}
