import { createHash } from 'node:crypto';
import type { WindowMode } from '../../datasets/windows.js';
import type { ProbabilityCalibration } from '../../evaluation/probability-calibration.js';
import { ALIGNMENTS, type Alignment } from '../../features/feature-set.js';
import { parseFields, type Field } from '../../models/safetensors/json-field.js';

/** How a member's inputs are made, as it was when the ensemble was fitted: what a `.pt` does not say stays as it was. */
export interface MemberInputs {
  readonly featureSet: string;
  readonly alignment: Alignment;
  readonly windowLength: number;
  readonly windowMode: WindowMode;
}

export interface EnsembleMemberFile {
  /** Relative to the ensemble's own folder, with `/`. */
  readonly file: string;
  /** Of that file, hex. */
  readonly sha256: string;
  /** Share of the mean before renormalisation, > 0. */
  readonly weight: number;
  readonly inputs: MemberInputs;
  /** What it reached alone, on the validation windows all members share. */
  readonly validation: SplitFigures;
}

export interface SplitFigures {
  /** nats. */
  readonly logLoss: number;
  readonly accuracy: number;
  readonly calibrationError: number;
}

/** `ensemble_<SYMBOL>_1m_<hash>.json`: several models as one. */
export interface EnsembleFile {
  readonly symbol: string;
  /** Rows from decision to outcome, of every member. */
  readonly horizon: number;
  readonly members: readonly EnsembleMemberFile[];
  /** Share by which P(up) is drawn to 0.5 at the end: 0 leaves it. */
  readonly conservativeBias: number;
  /** Applied to the weighted mean, before the bias. */
  readonly calibration?: ProbabilityCalibration;
  readonly weightsFrom: 'validation' | 'v3';
  /** The windows everything was fitted on: open times of the first and last decision, ms, and what the mixture reaches there. */
  readonly validation: SplitFigures & { readonly from: number; readonly to: number; readonly windows: number };
  readonly versions: Readonly<Record<string, string>>;
}

const FORMAT = 'crpbot-ensemble';
const VERSION = 1;

/** The same ensemble always gives the same text, and so the same name. */
export function encodeEnsemble(ensemble: EnsembleFile): { readonly name: string; readonly text: string } {
  const text = `${JSON.stringify({ format: FORMAT, version: VERSION, ...ensemble }, null, 2)}\n`;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return { name: `ensemble_${ensemble.symbol.replaceAll('-', '_')}_1m_${hash}.json`, text };
}

/** @throws InputError `corrupt-checkpoint` naming the field that is missing, of a wrong type, out of range or not known */
export function decodeEnsemble(text: string, file: string): EnsembleFile {
  const field = parseFields(text, 'the ensemble', file);
  field.allow(['format', 'version', 'symbol', 'horizon', 'members', 'conservativeBias', 'calibration', 'weightsFrom', 'validation', 'versions']);
  field.get('format').oneOf([FORMAT]);
  if (field.get('version').integer() !== VERSION) throw field.get('version').refuse(`must be ${VERSION}: a newer crpbot wrote the file`);
  const members = field.get('members').list(memberFrom);
  if (members.length === 0) throw field.get('members').refuse('must name a model');
  if (new Set(members.map((member) => member.file)).size < members.length) throw field.get('members').refuse('must name each model once');
  const validation = field.get('validation');
  validation.allow(['logLoss', 'accuracy', 'calibrationError', 'from', 'to', 'windows']);
  return {
    symbol: field.get('symbol').text(),
    horizon: field.get('horizon').integer(1),
    members,
    conservativeBias: share(field.get('conservativeBias')),
    ...(field.has('calibration') ? { calibration: calibrationFrom(field.get('calibration')) } : {}),
    weightsFrom: field.get('weightsFrom').oneOf(['validation', 'v3']),
    validation: { ...figuresFrom(validation), from: validation.get('from').number(), to: validation.get('to').number(), windows: validation.get('windows').integer(1) },
    versions: field.get('versions').record((each) => each.text()),
  };
}

/** Shares of a mean: sums of them, and what they are divided by, stay numbers. */
const LARGEST_WEIGHT = 1e6;

function memberFrom(field: Field): EnsembleMemberFile {
  field.allow(['file', 'sha256', 'weight', 'inputs', 'validation']);
  const [inputs, validation] = [field.get('inputs'), field.get('validation')];
  inputs.allow(['featureSet', 'alignment', 'windowLength', 'windowMode']);
  validation.allow(['logLoss', 'accuracy', 'calibrationError']);
  const weight = field.get('weight').number();
  if (weight <= 0 || weight > LARGEST_WEIGHT) throw field.get('weight').refuse(`must be above 0, and ${LARGEST_WEIGHT} at most`);
  const sha256 = field.get('sha256').text();
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw field.get('sha256').refuse('must be 64 hexadecimal digits');
  return {
    file: field.get('file').text(),
    sha256,
    weight,
    inputs: {
      featureSet: inputs.get('featureSet').text(),
      alignment: inputs.get('alignment').oneOf(ALIGNMENTS),
      windowLength: inputs.get('windowLength').integer(1),
      windowMode: inputs.get('windowMode').oneOf(['repo', 'notebook']),
    },
    validation: figuresFrom(validation),
  };
}

function figuresFrom(field: Field): SplitFigures {
  return { logLoss: field.get('logLoss').number(), accuracy: share(field.get('accuracy')), calibrationError: share(field.get('calibrationError')) };
}

function calibrationFrom(field: Field): ProbabilityCalibration {
  const method = field.get('method').oneOf(['platt', 'isotonic']);
  if (method === 'platt') {
    field.allow(['method', 'slope', 'intercept']);
    const slope = field.get('slope').number();
    if (slope <= 0) throw field.get('slope').refuse('must be above 0');
    return { method, slope, intercept: field.get('intercept').number() };
  }
  field.allow(['method', 'score', 'probability']);
  const [score, probability] = [field.get('score').list((each) => each.number()), field.get('probability').list(share)];
  const rises = score.every((value, index) => index === 0 || value > score[index - 1]) && probability.every((value, index) => index === 0 || value >= probability[index - 1]);
  if (score.length === 0 || score.length !== probability.length || !rises) throw field.refuse('must be a rising curve');
  return { method, score, probability };
}

function share(field: Field): number {
  const value = field.number();
  if (value < 0 || value > 1) throw field.refuse('must be from 0 to 1');
  return value;
}
