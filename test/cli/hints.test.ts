import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../support/requirements.js';

const src = join(projectRoot, 'src');
const cli = join(src, 'cli');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => join(src, name));
const read = (file: string): string => readFileSync(file, 'utf8');

/** Lines that a person may be told: no comments, no style sheets, no calls of other programs. */
function told(file: string): readonly string[] {
  return read(file).split('\n').filter((line) => !/^\s*(\*|\/\/|\/\*)|var\(--|^\s*--[a-z]|runProgram\(|spawnSync\(|'--version'|\.option\(|choice\('/.test(line));
}

/** `--accuracy-gate` of a command's file. */
function optionsOf(file: string): readonly string[] {
  return [...read(file).matchAll(/(?:option\(|Option\(|choice\()\s*['`](--[a-z-]+)/g)].map(([, option]) => option);
}

const commands = readdirSync(cli).filter((name) => name.endsWith('.ts')).map((name) => join(cli, name));
const everywhere = new Set([...commands.flatMap(optionsOf), '--help', '--debug']);
/** Of npm, Jupyter and CSS. */
const FOREIGN = ['--ignore-scripts', '--sys-prefix', '--user', '--allow-root'];

function named(line: string): readonly string[] {
  return [...line.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(([option]) => option).filter((option) => !FOREIGN.includes(option));
}

/** A source file with all that it loads. */
function loadedBy(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file) || !existsSync(file)) return seen;
  seen.add(file);
  for (const [, path] of read(file).matchAll(/(?:^import (?!type )[^;]*?from |^export [^;]*?from |import\()'(\.[^']+)'/gms)) loadedBy(resolve(dirname(file), path.replace(/\.js$/, '.ts')), seen);
  return seen;
}

describe('what a hint tells to do', () => {
  const hints = files.filter((file) => !relative(src, file).startsWith('report/')).flatMap((file) => told(file).map((line) => ({ file: relative(src, file), line })));

  it('names options that there are', () => {
    const unknown = hints.flatMap(({ file, line }) => named(line).filter((option) => !everywhere.has(option)).map((option) => `${file}: ${option}`));
    expect(hints.flatMap(({ line }) => named(line)).length).toBeGreaterThan(80);
    expect(unknown).toEqual([]);
  });

  it('names options of `crpbot train` where that command can say it, or the command that has them', () => {
    const own = new Set([...optionsOf(join(cli, 'train.ts')), '--help', '--debug']);
    const reached = [...loadedBy(join(cli, 'train.ts'))].filter((file) => !relative(src, file).startsWith('report/'));
    const missing = reached.flatMap((file) => told(file).flatMap((line) => named(line.replace(/npx crpbot .*/, '')).filter((option) => !own.has(option)).map((option) => `${relative(src, file)}: ${option}`)));
    expect(reached.length).toBeGreaterThan(100);
    expect(missing).toEqual([]);
  });

  it('of a training process names options that `crpbot retrain` has too', () => {
    const own = optionsOf(join(cli, 'retrain.ts'));
    const trainer = ['training/check-examples.ts', 'training/failed-step.ts', 'training/training-lock.ts', 'workflows/training/train-processes.ts', 'workflows/training/training-data.ts', 'workflows/training/data-plan.ts'];
    expect(trainer.flatMap((name) => told(join(src, name)).flatMap(named)).filter((option) => !own.includes(option))).toEqual([]);
  });

  it('runs from a fresh clone as it stands: commands are written npx crpbot', () => {
    const names = commands.flatMap((file) => [...read(file).matchAll(/new Command\('([a-z]+)'\)/g)].map(([, name]) => name)).join('|');
    const bare = new RegExp(`(?<!npx )(?<![/\\w-])crpbot (?:${names})\\b(?! (?:wrote|was)\\b)`);
    // A label of where TensorFlow was found, and what stands in comments after code.
    const found = hints.filter(({ line }) => bare.test(line.replace(/\/\*\*.*|\/\/.*/, '')) && !line.includes('rememberedTensorFlow'));
    expect(found).toEqual([]);
    const run = spawnSync('npx', ['--no-install', 'crpbot', '--version'], { cwd: projectRoot, encoding: 'utf8' });
    expect([run.status, run.stdout.trim()]).toEqual([0, (JSON.parse(read(join(projectRoot, 'package.json'))) as { version: string }).version]);
  });
});
