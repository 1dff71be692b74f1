import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Kernel } from '../../src/notebook/kernel.js';
import { cellControl, progressLine, progressText } from '../../src/notebook/progress-line.js';
import { showTable } from '../../src/notebook/show-table.js';

type Content = Parameters<Kernel['display']>[0];

describe('in a kernel', () => {
  const shown: Content[] = [];
  const abort = new AbortController();
  beforeEach(() => {
    shown.length = 0;
    const kernel: Kernel = { display: (content) => shown.push(content), signal: () => abort.signal };
    Object.defineProperty(globalThis, Symbol.for('crpbot.kernel'), { value: kernel, configurable: true });
  });
  afterEach(() => {
    delete (globalThis as { [name: symbol]: unknown })[Symbol.for('crpbot.kernel')];
  });

  it('a table has the columns of all rows, numbers to the right, what is missing as -', () => {
    showTable([{ name: 'a<b', windows: 1234567, share: 0.123456789 }, { name: 'c', other: NaN }]);
    expect(shown[0]?.data['text/plain']).toBe('name    windows     share  other\na<b   1,234,567  0.123457      -\nc             -         -      -');
    expect(shown[0]?.data['text/html']).toContain('<td style="text-align:left">a&lt;b</td><td style="text-align:right">1,234,567</td>');
  });

  it('progress is one place, replaced at most twice a second, its end always shown', () => {
    let time = 0;
    const report = progressLine(() => time);
    for (let done = 0; done <= 100; done++) {
      report({ label: 'reading', done, total: 100, unit: 'rows' });
      time += 10;
    }
    expect(shown.map(({ update }) => update)).toEqual([false, true, true]);
    expect(new Set(shown.map(({ id }) => id)).size).toBe(1);
    expect(shown.at(-1)?.data['text/plain']).toBe('reading: 100 of 100 rows, 100 %, 100 rows/s, 1.0 s in all');
  });

  it('each step of a job has a place of its own', () => {
    const report = progressLine(() => 0);
    report({ label: 'first', done: 1, unit: 'rows' });
    report({ label: 'second', done: 1, unit: 'rows' });
    expect(new Set(shown.map(({ id }) => id)).size).toBe(2);
  });

  it('a job is told when its cell is interrupted', () => {
    expect(cellControl().signal).toBe(abort.signal);
  });
});

describe('outside a kernel', () => {
  it('what is shown is printed, and nothing interrupts', () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    showTable([{ a: 1 }]);
    expect(write).toHaveBeenCalledWith('a\n1\n');
    write.mockRestore();
    expect(cellControl().signal).toBeUndefined();
  });
});

it('progress says done, share, rate and time left', () => {
  expect(progressText({ label: 'scoring', done: 12_000, total: 48_000, unit: 'windows' }, 3000)).toBe('scoring: 12,000 of 48,000 windows, 25 %, 4,000 windows/s, 9.0 s left');
  expect(progressText({ label: 'reading', done: 5, unit: 'rows' }, 10_000)).toBe('reading: 5 rows, 0.50 rows/s');
  expect(progressText({ label: 'training', done: 1, total: 1000, unit: 'steps' }, 1000)).toBe('training: 1 of 1,000 steps, 0 %, 1.0 steps/s, 17 min left');
});
