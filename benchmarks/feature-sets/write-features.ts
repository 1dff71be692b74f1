import { readCandles } from '../../src/candles/read-candles.js';
import { featureRecipe } from '../../src/features/feature-recipes.js';
import { V3 } from '../../src/features/v3/v3.js';
import { writeFeatureColumns } from '../../src/features/write-feature-table.js';
import { SIMPLE_27 } from './simple-27.js';

// node bin/tsx.js benchmarks/feature-sets/write-features.ts CANDLES OUT: each set of one symbol as Parquet, for compare.py.
const [candleFile, out] = process.argv.slice(2);
if (candleFile === undefined || out === undefined) throw new Error('give a candle file and a folder to write to');
const candles = readCandles(candleFile);
for (const recipe of [featureRecipe('v2-50'), SIMPLE_27, V3]) {
  const start = performance.now();
  let columns = 0;
  for (const [,] of recipe.compute(candles)) columns++;
  console.log(`${recipe.set.name}: ${columns} columns of ${candles.time.length} rows in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  writeFeatureColumns(`${out}/${candles.symbol}_${recipe.set.name}.parquet`, recipe.set, candles, recipe.compute(candles), []);
}
