import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { attempt, SLOWEST_ATTEMPT } from './attempt.js';
import { mutate } from './mutate.js';
import type { FuzzTarget } from './target.js';
import { targets } from './targets.js';

// node bin/tsx.js test/fuzz/run.ts --runs 100000 --seed 1 --target checkpoint|csv|parquet|all [--from RUN] [--out DIR]
// Attempts run in a child process: a hang is killed, a crash of a native library survived, and both are findings.

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string', default: 'all' },
    from: { type: 'string', default: '0' },
    out: { type: 'string', default: join(tmpdir(), 'crpbot-fuzz-findings') },
    /** The folder a child reports to: only this program gives it. */
    report: { type: 'string' },
  },
});

/** What a child keeps up to date in its status file. */
const STATUS = ['run', 'accepted', 'refused', 'slowest', 'slowestRun', 'peakMegabytes'] as const;
type Status = Record<(typeof STATUS)[number], number>;
interface Finding {
  readonly run: number;
  readonly message: string;
}

const statusFile = (report: string): string => join(report, 'status');
const findingsFile = (report: string): string => join(report, 'findings');

function wholeNumber(name: 'runs' | 'seed' | 'from'): number {
  const value = Number(options[name]);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} must be a whole number, and is ${options[name]}`);
  return value;
}

async function runChild(target: FuzzTarget, seed: number, from: number, to: number, report: string): Promise<void> {
  const seeds = target.seeds();
  const status = new Float64Array(STATUS.length);
  const file = openSync(statusFile(report), 'w');
  for (let run = from; run < to; run++) {
    status[0] = run;
    writeSync(file, status, 0, status.byteLength, 0);
    const { outcome, time, message } = await attempt(target, seeds, seed, run);
    if (outcome === 'finding') appendFileSync(findingsFile(report), `${JSON.stringify({ run, message: message ?? '' } satisfies Finding)}\n`);
    else status[outcome === 'accepted' ? 1 : 2] += 1;
    if (time > status[3]) status.set([time, run], 3);
    status[5] = process.resourceUsage().maxRSS / 1024;
  }
  status[0] = to;
  writeSync(file, status, 0, status.byteLength, 0);
  closeSync(file);
}

function readStatus(report: string, from: number): Status {
  const bytes = existsSync(statusFile(report)) ? readFileSync(statusFile(report)) : Buffer.alloc(0);
  const known = bytes.length === 8 * STATUS.length;
  return Object.fromEntries(STATUS.map((name, i) => [name, known ? bytes.readDoubleLE(8 * i) : name === 'run' ? from : 0])) as Status;
}

/** One child until it is done, hangs or dies; what it found, and where to go on. */
function watchChild(target: FuzzTarget, seed: number, from: number, to: number): Promise<{ status: Status; findings: Finding[]; next: number }> {
  const report = mkdtempSync(join(tmpdir(), 'crpbot-fuzz-run-'));
  const child = spawn(
    process.execPath,
    [resolve('bin/tsx.js'), resolve('test/fuzz/run.ts'), '--target', target.name, '--seed', `${seed}`, '--from', `${from}`, '--runs', `${to - from}`, '--report', report],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors = (errors + text.toString()).slice(-2000)));
  let seen = { run: -1, since: Date.now() };
  let hung = false;
  const watch = setInterval(() => {
    const { run } = readStatus(report, -1);
    if (run !== seen.run) seen = { run, since: Date.now() };
    // The first seconds go into loading the program; half as much again keeps a slow attempt's own report.
    else if (run >= 0 && Date.now() - seen.since > 1.5 * SLOWEST_ATTEMPT) hung = child.kill('SIGKILL');
  }, 250);
  return new Promise((done) => {
    child.on('close', (code, signal) => {
      clearInterval(watch);
      const status = readStatus(report, from);
      const lines = existsSync(findingsFile(report)) ? readFileSync(findingsFile(report), 'utf8').trim().split('\n') : [];
      const findings = lines.map((line) => JSON.parse(line) as Finding);
      rmSync(report, { recursive: true, force: true });
      if (hung) findings.push({ run: status.run, message: `did not return within ${1.5 * SLOWEST_ATTEMPT} ms` });
      else if (code !== 0) findings.push({ run: status.run, message: `the process died (${signal ?? code}): ${errors}` });
      done({ status, findings, next: hung || code !== 0 ? status.run + 1 : to });
    });
  });
}

async function fuzz(target: FuzzTarget, seed: number, from: number, to: number, out: string): Promise<number> {
  const started = Date.now();
  const total = { accepted: 0, refused: 0, findings: 0, slowest: 0, slowestRun: from, peakMegabytes: 0 };
  let next = from;
  while (next < to) {
    const part = await watchChild(target, seed, next, to);
    next = part.next;
    total.accepted += part.status.accepted;
    total.refused += part.status.refused;
    total.findings += part.findings.length;
    total.peakMegabytes = Math.max(total.peakMegabytes, part.status.peakMegabytes);
    if (part.status.slowest > total.slowest) Object.assign(total, { slowest: part.status.slowest, slowestRun: part.status.slowestRun });
    for (const { run, message } of part.findings) {
      mkdirSync(out, { recursive: true });
      const file = join(out, `${target.name}-${seed}-${run}.bin`);
      writeFileSync(file, mutate(target.seeds(), seed, run));
      console.log(`FINDING ${target.name} run ${run}: ${message}\n  input: ${file}`);
    }
  }
  const seconds = (Date.now() - started) / 1000;
  console.log(
    `${target.name}: ${to - from} runs (seed ${seed}) in ${seconds.toFixed(0)} s: ${total.refused} refused, ${total.accepted} accepted, ${total.findings} findings; ` +
      `slowest ${total.slowest.toFixed(0)} ms (run ${total.slowestRun}), peak memory ${total.peakMegabytes.toFixed(0)} MB`,
  );
  return total.findings;
}

async function main(): Promise<void> {
  const [runs, seed, from] = [wholeNumber('runs'), wholeNumber('seed'), wholeNumber('from')];
  const chosen = targets.filter(({ name }) => options.target === 'all' || options.target === name);
  if (chosen.length === 0) throw new Error(`--target must be ${targets.map(({ name }) => name).join(', ')} or all, and is ${options.target}`);
  if (options.report !== undefined) return runChild(chosen[0], seed, from, from + runs, options.report);
  let findings = 0;
  for (const target of chosen) findings += await fuzz(target, seed, from, from + runs, options.out);
  if (findings > 0) process.exitCode = 1;
}

await main();
