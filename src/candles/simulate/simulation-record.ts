import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeTextAtomically } from '../../atomic-file.js';
import { InputError } from '../../errors.js';
import type { BestAccuracy } from './best-accuracy.js';
import type { DriftProcess } from './drift-process.js';
import type { Market } from './market.js';
import type { MeasuredAccuracy } from './measure-accuracy.js';

/** `simulation.json` beside the candles: the truth about them. It depends on the parameters alone. */
export interface SimulationRecord {
  readonly format: 1;
  readonly symbol: string;
  readonly seed: number;
  /** Open time of the first minute and the end of the last, ISO 8601 UTC. */
  readonly from: string;
  readonly to: string;
  readonly horizonMinutes: number;
  readonly gapShare: number;
  readonly process: DriftProcess;
  readonly market: Market;
  /** Computed from the process; for windows without a gap, and prices finer than the moves. */
  readonly bestAccuracy: BestAccuracy;
  /** The same two forecasters, played over these candles. Absent until the simulation is complete. */
  readonly measured?: MeasuredAccuracy;
}

const recordFile = (folder: string): string => join(folder, 'simulation.json');

/**
 * Says what is about to be simulated, before the first candle is: a run that is killed can be told from another one.
 * @param folder the symbol's, above `1m`
 * @throws InputError `simulation-differs` where the folder holds another simulation, or a longer one; `simulation-unreadable`; `cannot-write`
 */
export function beginRecord(folder: string, record: SimulationRecord): void {
  const found = readRecord(folder);
  if (found !== undefined) refuseOther(folder, found, record);
  else writeRecord(folder, record);
}

/** @throws InputError `cannot-write` */
export function writeRecord(folder: string, record: SimulationRecord): void {
  writeTextAtomically(recordFile(folder), `${JSON.stringify(record, null, 2)}\n`);
}

/** The record of a simulated symbol; undefined where there is none. @throws InputError `simulation-unreadable` */
export function readRecord(folder: string): SimulationRecord | undefined {
  const file = recordFile(folder);
  if (!existsSync(file)) return undefined;
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as Partial<SimulationRecord> | null;
    if (record?.format === 1 && typeof record.symbol === 'string' && typeof record.to === 'string') return record as SimulationRecord;
  } catch (cause) {
    throw unreadable(file, cause);
  }
  throw unreadable(file);
}

function unreadable(file: string, cause?: unknown): InputError {
  return new InputError(`${file} is not a simulation's record`, { code: 'simulation-unreadable', place: { file }, hint: 'remove the folder and simulate again, or choose another one (--out)', cause });
}

function refuseOther(folder: string, found: SimulationRecord, record: SimulationRecord): void {
  const parameters: readonly (keyof SimulationRecord)[] = ['symbol', 'seed', 'from', 'horizonMinutes', 'gapShare', 'process', 'market'];
  const text = (of: SimulationRecord, key: keyof SimulationRecord): string => JSON.stringify(of[key]);
  const other = parameters.find((key) => text(found, key) !== text(record, key)) ?? (found.to > record.to ? 'to' : undefined);
  if (other === undefined) return;
  throw new InputError(`${folder} holds another simulation: its ${other} is ${text(found, other)}, not ${text(record, other)}`, {
    code: 'simulation-differs',
    place: { file: recordFile(folder) },
    hint: 'choose another folder (--out), or remove this one',
  });
}
