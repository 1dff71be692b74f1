import { InputError } from '../errors.js';

/** One regression tree, split by split: `value <= threshold` goes left. */
export interface Tree {
  /** `[splits]` each. Children >= 0 are splits, below 0 leaf `-1 - child`. */
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Where a missing value goes, 1: left. */
  readonly missingLeft: Uint8Array;
  /** `[leaves]`, shrinkage included. */
  readonly leaf: Float64Array;
}

/** Boosted trees of a binary classification: P(up) = 1 / (1 + exp(-sum of the leaves reached)). */
export interface BoostedTrees {
  readonly featureCount: number;
  readonly trees: readonly Tree[];
}

/**
 * Reads LightGBM's text model (`Booster.save_model`, version v4 and before) of a binary classification.
 * @throws InputError `bad-boosting-model` when it is damaged, of another objective, or has splits that are not read here
 *   (categories, zeros taken as missing, linear leaves)
 */
export function readLightGbm(text: string, file: string): BoostedTrees {
  const [header, ...blocks] = text.split(/\r?\n(?=Tree=\d)/);
  const refuse = (reason: string): InputError => new InputError(`${file} cannot be used: ${reason}`, { code: 'bad-boosting-model', place: { file }, hint: 'give the text of Booster.save_model, of a binary objective, whole' });
  const head = fieldsOf(header);
  if (!header.startsWith('tree')) throw refuse('it is not LightGBM’s text model');
  const objective = head.get('objective') ?? 'missing';
  if (!/^binary( sigmoid:1)?$/.test(objective)) throw refuse(`its objective is ${objective}, not binary with sigmoid 1`);
  if (head.has('average_output')) throw refuse('it averages its trees (a random forest), which is not read');
  const featureCount = Number(head.get('max_feature_idx')) + 1;
  if (!Number.isSafeInteger(featureCount) || featureCount < 1) throw refuse(`max_feature_idx is ${head.get('max_feature_idx') ?? 'missing'}`);
  if (blocks.length === 0) throw refuse('it holds no tree');
  const sizes = head.get('tree_sizes')?.split(' ').length;
  if (sizes !== blocks.length) throw refuse(`it says ${sizes ?? 'no number of'} trees and holds ${blocks.length}: it is cut short`);
  if (!text.includes('\nend of trees')) throw refuse('it has no end of trees: it is cut short');
  return { featureCount, trees: blocks.map((block, index) => readTree(fieldsOf(block.split('\nend of trees')[0]), featureCount, (reason) => refuse(`tree ${index}: ${reason}`))) };
}

function readTree(fields: ReadonlyMap<string, string>, featureCount: number, refuse: (reason: string) => InputError): Tree {
  const count = Number(fields.get('num_leaves'));
  if (!Number.isSafeInteger(count) || count < 1) throw refuse(`num_leaves is ${fields.get('num_leaves') ?? 'missing'}`);
  if (Number(fields.get('num_cat') ?? 0) > 0) throw refuse('it splits by categories');
  if ((fields.get('is_linear') ?? '0') !== '0') throw refuse('its leaves are linear');
  const numbers = (name: string, length: number, isGood: (value: number) => boolean): number[] => {
    const values = length === 0 ? [] : (fields.get(name) ?? '').split(' ').map((each) => (each === '' ? NaN : Number(each)));
    if (values.length !== length || !values.every(isGood)) throw refuse(`${name} must be ${length} numbers in their range`);
    return values;
  };
  const splits = count - 1;
  const whole = (least: number, most: number) => (value: number): boolean => Number.isInteger(value) && value >= least && value <= most;
  const decision = numbers('decision_type', splits, whole(0, 15));
  // Bit 0 categories, bit 1 missing goes left, bits 2 and 3 what is missing: 0 nothing, 1 zero, 2 NaN.
  if (decision.some((type) => (type & 1) !== 0)) throw refuse('it splits by categories');
  if (decision.some((type) => type >> 2 === 1)) throw refuse('it takes zeros as missing');
  const child = whole(-count, splits - 1);
  const tree = {
    feature: Int32Array.from(numbers('split_feature', splits, whole(0, featureCount - 1))),
    threshold: Float64Array.from(numbers('threshold', splits, Number.isFinite)),
    left: Int32Array.from(numbers('left_child', splits, child)),
    right: Int32Array.from(numbers('right_child', splits, child)),
    missingLeft: Uint8Array.from(decision, (type) => (type >> 2 === 2 ? (type >> 1) & 1 : 0)),
    leaf: Float64Array.from(numbers('leaf_value', count, Number.isFinite)),
  };
  if (!reachesEachOnce(tree)) throw refuse('its splits are no tree');
  return tree;
}

/** Every split but the root, and every leaf, has one parent: no cycle, nothing left over. */
function reachesEachOnce({ left, right, leaf }: Tree): boolean {
  const splits = left.length;
  const seen = new Set<number>();
  const open = splits === 0 ? [-1] : [0];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) return false;
    seen.add(node);
    if (node >= 0) open.push(left[node], right[node]);
  }
  return seen.size === splits + leaf.length;
}

function fieldsOf(block: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of block.split(/\r?\n/)) {
    const at = line.indexOf('=');
    if (at > 0) fields.set(line.slice(0, at), line.slice(at + 1).trim());
    else if (line.trim() === 'average_output') fields.set('average_output', '1');
  }
  return fields;
}
