import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Random } from '../../../src/random.js';
import type { CollectOptions } from '../../../src/workflows/collect.js';

type PlainOptions = Omit<CollectOptions, 'now' | 'sleep' | 'random' | 'signal' | 'onProgress' | 'onNote'>;

/** How a collector's process ended: by itself with this status, or killed. */
export interface Ended {
  readonly status: number | null;
  readonly killed: boolean;
  readonly output: string;
}

/** Runs a collector in a process of its own and kills it with SIGKILL so long after its first byte was fetched. */
export function runCollector(options: PlainOptions, killAfterMs?: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join('bin', 'tsx.js'), join('test', 'support', 'fake-exchange', 'collect-process.ts'), JSON.stringify(options)]);
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
      if (data.toString().includes('fetching') && killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    });
    child.stderr.on('data', (data: Buffer) => void (output += data.toString()));
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status, killed: signal === 'SIGKILL', output }));
  });
}

/**
 * Kills a collector `kills` times at random points, then lets it end. `spanMs`: a kill comes within so long after the
 * first answer. @returns how often it was killed before it had ended
 */
export async function collectThroughKills(options: PlainOptions, { kills, spanMs, random }: { readonly kills: number; readonly spanMs: number; readonly random: Random }): Promise<number> {
  let killed = 0;
  for (let kill = 0; kill < kills; kill++) {
    const ended = await runCollector(options, random() * spanMs);
    if (ended.killed) killed++;
    else if (ended.status !== 0) throw new Error(ended.output);
  }
  const last = await runCollector(options);
  if (last.status !== 0) throw new Error(last.output);
  return killed;
}
