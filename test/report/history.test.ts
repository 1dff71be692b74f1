import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { addToHistory } from '../../src/report/history.js';
import { aFailingModel, aModel, aRun } from '../support/run-result.js';

const rowsOf = (text: string) => parse<Record<string, string>>(text, { columns: true, bom: true });

describe('history.csv', () => {
  it('begins with a header and a line a model', () => {
    const { text, setOldAside } = addToHistory(undefined, aRun({ models: [aModel(), aFailingModel()] }));
    expect(setOldAside).toBe(false);
    expect(text.endsWith('\n')).toBe(true);
    expect(rowsOf(text)).toMatchObject([
      { date: '2025-06-07T09:30:12Z', symbol: 'ETH-SIM', verdict: 'PROMOTE', accuracy: '0.728', model_sha256: '9f'.repeat(32), data_sha256: '3c'.repeat(32), accuracy_gate: '0.68' },
      { symbol: 'SOL-SIM', verdict: 'RETRAIN', passed: 'false', accuracy: '0.478' },
    ]);
  });

  it('grows by a line a model with each run', () => {
    let text: string | undefined;
    for (let day = 1; day <= 3; day += 1) text = addToHistory(text, aRun({ startedAt: Date.UTC(2025, 5, day), models: [aModel()] })).text;
    expect(rowsOf(text ?? '').map(({ date }) => date)).toEqual(['2025-06-01T00:00:00Z', '2025-06-02T00:00:00Z', '2025-06-03T00:00:00Z']);
  });

  it.each([
    ['CRLF and a byte order mark', (text: string) => `\uFEFF${text.replaceAll('\n', '\r\n')}`],
    ['no line end at its end', (text: string) => text.trimEnd()],
    ['empty lines at its end', (text: string) => `${text}\n\n`],
  ])('goes on where another program saved it with %s', (_, saved) => {
    const { text } = addToHistory(undefined, aRun());
    const added = addToHistory(saved(text), aRun());
    expect(added.setOldAside).toBe(false);
    expect(parse<Record<string, string>>(added.text.replaceAll('\r\n', '\n'), { columns: true, bom: true })).toHaveLength(6);
  });

  it('starts anew, and asks to keep the old file, where that has other columns', () => {
    const added = addToHistory('date,accuracy\n2024-01-01,0.7\n', aRun({ models: [aModel()] }));
    expect(added.setOldAside).toBe(true);
    expect(rowsOf(added.text)).toHaveLength(1);
  });

  it('gives several data files one hash', () => {
    const dataFiles = ['aa', 'bb'].map((byte) => ({ file: `${byte}.csv`, sha256: byte.repeat(32) }));
    const [row] = rowsOf(addToHistory(undefined, aRun({ models: [aModel({ dataFiles })] })).text);
    expect(row?.data_sha256).toBe(createHash('sha256').update(`${'aa'.repeat(32)}\n${'bb'.repeat(32)}`).digest('hex'));
  });
});
