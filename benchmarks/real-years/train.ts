/**
 * One TCN over real years, by the trainer of `crpbot train`, on one thread: two of these side by side fill two cores.
 * The test rows are not looked at.
 *
 *     node bin/tsx.js benchmarks/real-years/train.ts OUT SET CANDLES... [--epochs=6 --batch=8 --rate=2e-3 --decay=0.01 --dropout=0.1 --width=48 --layers=6 --seed=1]
 *
 * Several candle files are pooled. SET is a feature set's name or file. Writes a model a symbol into OUT, and what it cost to OUT/trained.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readCandles } from '../../src/candles/read-candles.js';
import { ONE_CYCLE } from '../../src/training/learning-rate.js';
import { KIND_SETTINGS } from '../../src/workflows/training/model-kinds.js';
import { trainModel } from '../../src/workflows/training/train-model.js';

const defaults = { epochs: '6', batch: '8', rate: '2e-3', decay: '0.01', dropout: '0.1', width: '48', layers: '6', seed: '1' };
const { values, positionals } = parseArgs({ allowPositionals: true, options: Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, { type: 'string' as const, default: value }])) });
const [out, featureSet, ...files] = positionals;
if (out === undefined || featureSet === undefined || files.length === 0) throw new Error('give a folder to write to, a feature set and candle files');
const setting = (name: keyof typeof defaults) => Number(values[name]);
mkdirSync(out, { recursive: true });

const before = process.cpuUsage();
const trained = await trainModel(
  {
    symbols: files.map((file) => ({ symbol: readCandles(file).symbol, candles: [file], features: [] })),
    model: 'tcn',
    sizes: { width: setting('width'), layers: setting('layers') },
    featureSet,
    horizon: 15,
    maxGap: 'any',
    settings: {
      ...KIND_SETTINGS.tcn,
      schedule: ONE_CYCLE,
      epochs: setting('epochs'),
      batchSize: setting('batch'),
      learningRate: setting('rate'),
      weightDecay: setting('decay'),
      dropout: setting('dropout'),
      seed: setting('seed'),
      patience: setting('epochs'),
    },
    calibrate: true,
    device: 'cpu',
    threads: 1,
    formats: ['safetensors'],
    outDir: out,
    trialsFile: `${out}/trials.jsonl`,
  },
  { now: () => Date.now() },
);
const { user, system } = process.cpuUsage(before);
const cpuSeconds = (user + system) / 1e6;
writeFileSync(`${out}/trained.json`, JSON.stringify({ given: values, featureSet, ...trained, cpuSeconds }, undefined, 1));
const curve = trained.curve.map(({ trainingLoss, validationLoss }) => `${trainingLoss.toFixed(4)}/${validationLoss.toFixed(4)}`).join(' ');
const judged = trained.validation.map(({ symbol, logLoss, accuracy }) => `${symbol} ${logLoss.toFixed(4)} ${(100 * accuracy).toFixed(1)} %`).join(', ');
console.log(`${out.replace(/.*\//, '')}: ${judged}; ${trained.seconds.toFixed(0)} s, CPU ${cpuSeconds.toFixed(0)} s; training/validation loss by epoch ${curve}`);
