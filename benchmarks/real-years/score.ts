/**
 * Scores trained models on one part of each coin's rows: `OUT/MEMBER/COIN.PART.f32`, logits.
 *
 *     node bin/tsx.js benchmarks/real-years/score.ts validation|test OUT CANDLE_FOLDER MODEL_FOLDER...
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cutWindows } from '../../src/datasets/windows.js';
import { openOnnx } from '../../src/engines/onnx/onnx-engine.js';
import { featureRecipe } from '../../src/features/feature-recipes.js';
import { readCheckpoint } from '../../src/models/read-checkpoint.js';
import { SIMPLE_27 } from '../feature-sets/simple-27.js';
import { HORIZON, judgedRows, type Part } from './judged-rows.js';

const [part, out, candleFolder, ...folders] = process.argv.slice(2) as [Part, ...string[]];
const columnsOf = new Map<string, (readonly [string, Float64Array])[]>();

for (const { candles, from, to } of judgedRows(candleFolder, part)) {
  columnsOf.clear();
  for (const folder of folders) {
    const file = readdirSync(folder).find((name) => name.includes(candles.symbol.replaceAll('-', '_')) && name.endsWith('.safetensors'));
    if (file === undefined) continue;
    const checkpoint = readCheckpoint(join(folder, file));
    const { featureSet = '', scaler, windowLength = 0 } = checkpoint.manifest;
    if (scaler === undefined) throw new Error(`${file} has no scaler`);
    const recipe = featureSet === SIMPLE_27.set.name ? SIMPLE_27 : featureRecipe(featureSet);
    const columns = columnsOf.get(featureSet) ?? [...recipe.compute(candles)].map(([name, values]) => [name, values] as const);
    columnsOf.set(featureSet, columns);
    const { windows } = cutWindows(
      { columns, featureCount: columns.length, time: candles.time, range: { from: from - windowLength + 1, to: to + HORIZON }, scaling: { scaler: { mean: Float64Array.from(scaler.mean), std: Float64Array.from(scaler.std) } } },
      { length: windowLength, horizon: HORIZON, mode: 'repo', maxGapMinutes: Infinity },
    );
    if (windows.ends.length !== to - from) throw new Error(`${file}: ${windows.ends.length} windows of ${to - from} rows`);
    const scorer = await openOnnx(checkpoint, { windowLength, device: 'cpu', threads: 1 });
    const probability = await scorer.score(windows);
    await scorer.dispose();
    const target = join(out, basename(folder));
    mkdirSync(target, { recursive: true });
    writeFileSync(join(target, `${candles.symbol}.${part}.f32`), new Uint8Array(Float32Array.from(probability, (p) => Math.log(p / (1 - p))).buffer));
    console.log(`${basename(folder)} ${candles.symbol} ${part}: ${to - from} rows`);
  }
}
