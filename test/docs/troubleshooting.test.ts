import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '../support/requirements.js';

const page = readFileSync(join(projectRoot, 'docs/troubleshooting.md'), 'utf8');
const source = readdirSync(join(projectRoot, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(projectRoot, 'src', name), 'utf8'))
  .join('\n');

/** Every code an error can have, as the source writes them: `code: 'usage'`, `code: text ? 'column-not-text' : 'column-not-numeric'`, `refuse('candle-not-finite', …`. */
function codesInSource(): ReadonlySet<string> {
  const written = [...source.matchAll(/\bcode: ([^,}\n]*)/g), ...source.matchAll(/\brefuse\((?:row, )?('candle-[a-z-]+')/g)].map(([, expression]) => expression);
  const codes = written.flatMap((expression) => [...expression.matchAll(/'([a-z]+(?:-[a-z]+)+|usage)'/g)].map(([, code]) => code));
  return new Set([...codes, 'since-unreadable', 'until-unreadable']);
}

/** The codes of the tables' first column. */
function codesOnPage(): readonly string[] {
  const firstCells = [...page.matchAll(/^\| ([^|]*) \|/gm)].map(([, cell]) => cell);
  return firstCells.flatMap((cell) => [...cell.matchAll(/`([a-z]+(?:-[a-z]+)*)`/g)].map(([, code]) => code));
}

it('the page tells of every error code of the source', () => {
  const told = new Set(codesOnPage());
  expect([...codesInSource()].filter((code) => !told.has(code)).sort()).toEqual([]);
});

it('and of none that there is not, or twice', () => {
  const codes = codesInSource();
  const told = codesOnPage();
  expect(told.filter((code, at) => !codes.has(code) || told.indexOf(code) !== at)).toEqual([]);
});
