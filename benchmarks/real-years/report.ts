/**
 * Ensemble against gradient boosting on the judged rows. Platt's map and the mixture's weight are fitted on validation, a coin each.
 *
 *     node bin/tsx.js benchmarks/real-years/report.ts validation|test SCORES CANDLE_FOLDER members.json
 *
 * `members.json`: `{ "tcn": [MEMBER, ...], "boosting": {"BTC-USD": [...]}, "reference": {"BTC-USD": [...], ...} }`, folders of SCORES:
 * the mixture's TCNs and boostings, and the boostings to beat. Lists that are not by coin stand for every coin.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { quantile } from '../../src/evaluation/bootstrap.js';
import { areaUnderRoc } from '../../src/evaluation/classification.js';
import { blockVarianceOfSum, chooseBlockLength, studentWidening } from '../../src/evaluation/dependence.js';
import { applyPlatt, fitPlatt } from '../../src/evaluation/platt-scaling.js';
import { createRandom, randomIndex } from '../../src/random.js';
import { HORIZON, judgedRows, type Part } from './judged-rows.js';

type Members = readonly string[] | Readonly<Record<string, readonly string[]>>;
const [part, scores, candleFolder, membersFile] = process.argv.slice(2) as [Part, string, string, string];
const members = JSON.parse(readFileSync(membersFile, 'utf8')) as { readonly tcn: Members; readonly boosting: Members; readonly reference: Members };
const RESAMPLES = 2000;
const LEAST_BLOCK = 60;

function logits(member: string, coin: string, of: Part): Float32Array {
  const bytes = readFileSync(join(scores, member, `${coin}.${of}.f32`));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function mean(rows: readonly ArrayLike<number>[]): Float64Array {
  return Float64Array.from({ length: rows[0].length }, (_, row) => rows.reduce((sum, each) => sum + each[row], 0) / rows.length);
}

const losses = (p: Float64Array, label: Uint8Array) => p.map((up, row) => -Math.log(label[row] === 1 ? up : 1 - up));
const average = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Accuracy on the tenth of the rows whose p is farthest from one half. */
function topTenth(p: Float64Array, label: Uint8Array): number {
  const order = Int32Array.from(p.keys()).sort((a, b) => Math.abs(p[b] - 0.5) - Math.abs(p[a] - 0.5)).subarray(0, Math.floor(p.length / 10));
  return order.reduce((right, row) => right + Number(p[row] >= 0.5 === (label[row] === 1)), 0) / order.length;
}

function figures(name: string, p: Float64Array, label: Uint8Array): string {
  const right = p.reduce((sum, up, row) => sum + Number(up >= 0.5 === (label[row] === 1)), 0);
  return `| ${name} | ${((100 * right) / p.length).toFixed(2)} % | ${areaUnderRoc(p, label)?.toFixed(4)} | ${average(losses(p, label)).toFixed(5)} | ${(100 * topTenth(p, label)).toFixed(1)} % |`;
}

/** 95 % interval of a mean by a circular block bootstrap, as evaluation/bootstrap.ts does it for accuracy. */
function interval(values: Float64Array): string {
  const centre = average(values);
  const centred = values.map((value) => value - centre);
  const block = Math.max(LEAST_BLOCK, chooseBlockLength(centred, HORIZON));
  const sums = new Float64Array(values.length);
  let sum = values.subarray(0, block).reduce((total, value) => total + value, 0);
  for (let start = 0; start < values.length; start++) {
    sums[start] = sum;
    sum += values[(start + block) % values.length] - values[start];
  }
  const blocks = Math.round(values.length / block);
  const random = createRandom(1);
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let total = 0;
    for (let count = 0; count < blocks; count++) total += sums[randomIndex(random, values.length)];
    return total / (blocks * block);
  }).sort();
  const widening = studentWidening(values.length / block);
  const ends = [0.025, 0.975].map((share) => (centre + (quantile(means, share) - centre) * widening).toFixed(5));
  const error = Math.sqrt(blockVarianceOfSum(centred, block)) / values.length;
  return `${centre.toFixed(5)} (${ends.join(' to ')}; blocks of ${block} rows, ${(centre / error).toFixed(1)} standard errors)`;
}

const earlier = new Map(judgedRows(candleFolder, 'validation').map((rows) => [rows.candles.symbol, rows]));
for (const { candles, label: labels, firstUnseen } of judgedRows(candleFolder, part)) {
  const coin = candles.symbol;
  const fitted = earlier.get(coin);
  if (fitted === undefined) throw new Error(`${coin} has no validation rows`);
  const known = fitted.label.subarray(fitted.firstUnseen);
  const named = (given: Members): readonly string[] => (Array.isArray(given) ? (given as readonly string[]) : ((given as Readonly<Record<string, readonly string[]>>)[coin] ?? []));
  /** Validation from its first unseen row on: what is fitted and chosen must not rest on minutes that another coin was trained on. */
  const read = (member: string, of: Part) => logits(member, coin, of).subarray(of === 'validation' ? fitted.firstUnseen : 0);
  /** The mean of the members' logits, calibrated on validation. */
  const calibrated = (combine: (of: Part) => Float64Array) => applyPlatt(fitPlatt(combine('validation'), known), combine(part));
  const group = (names: readonly string[]) => (of: Part) => mean(names.map((name) => read(name, of)));
  const mixed = (share: number) => (of: Part) => {
    const [nets, trees] = [group(named(members.tcn))(of), group(named(members.boosting))(of)];
    return nets.map((logit, row) => share * logit + (1 - share) * trees[row]);
  };
  let best = { share: 0, loss: Infinity };
  for (let tenth = 0; tenth <= 10; tenth++) {
    const logit = mixed(tenth / 10)('validation');
    const loss = average(losses(applyPlatt(fitPlatt(logit, known), logit), known));
    if (loss < best.loss) best = { share: tenth / 10, loss };
  }
  const asItIs = (member: string) => Float64Array.from(read(member, part), (logit) => 1 / (1 + Math.exp(-logit)));
  const singles = [...new Set([...named(members.reference), ...named(members.boosting), ...named(members.tcn)])].map((name) => [name, asItIs(name)] as const);
  const reference = calibrated(group(named(members.reference)));
  const nets = calibrated(group(named(members.tcn)));
  const mixture = calibrated(mixed(best.share));
  const means = [['boosting to beat: mean of its seeds', reference], ['TCNs: mean', nets], [`mixture: ${best.share} TCNs, ${(1 - best.share).toFixed(1)} boosting`, mixture]] as const;

  const starts = part === 'test' && firstUnseen > 0 ? [0, firstUnseen] : [part === 'test' ? 0 : firstUnseen];
  for (const start of starts) {
    const label = part === 'test' ? labels.subarray(start) : known;
    const cut = (p: Float64Array) => (part === 'test' ? p.subarray(start) : p);
    console.log(`\n${coin}, ${part}${start > 0 ? ` after every coin's ${part === 'test' ? 'validation' : 'training'} rows` : ''}: ${label.length} rows, ${(100 * average(Float64Array.from(label))).toFixed(2)} % up\n\n| model | accuracy | AUC | log loss | accuracy at 10 % |\n|---|---|---|---|---|`);
    for (const [name, p] of [...singles, ...means]) console.log(figures(name, cut(p), label));
    for (const [name, p] of [['the mixture', mixture], ['the TCNs', nets]] as const) {
      const own = losses(cut(p), label);
      const difference = (other: Float64Array) => interval(losses(cut(other), label).map((loss, row) => own[row] - loss));
      console.log(`\nlog loss of ${name} less that of`);
      console.log(`- the boosting's mean, calibrated: ${difference(reference)}`);
      for (const seed of named(members.reference)) console.log(`- ${seed} as it is: ${difference(asItIs(seed))}`);
    }
  }
}
