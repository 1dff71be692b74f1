import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkJson } from '../../../src/report/data-quality/check-json.js';
import { dataCheckHtml } from '../../../src/report/data-quality/page.js';
import { renderDataCheck } from '../../../src/report/data-quality/terminal.js';
import { checkData } from '../../../src/workflows/check-data.js';
import { plainCsv } from '../../candles/some-candles.js';
import { plant } from '../../candles/quality/planted.js';
import { randomCandles } from '../../support/random-candles.js';

const folder = mkdtempSync(join(tmpdir(), 'check-data-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

const walk = randomCandles({ rows: 3_000, seed: 4 });
write('coinbase/BTC-USD/1m/2024-01.csv', plainCsv(plant.gap(walk, 1_000, 144, 0).candles));
write('coinbase/BTC-USD/1m/2024-02.csv', 'timestamp,open,high,low,close,volume\n1,2\n');
write('kraken/BTC-USD/1m/2024-01.csv', plainCsv(plant['rows out of order'](walk, 2_000, 50, 0).candles));
const check = await checkData([folder]);

describe('a data check', () => {
  it('checks each exchange of a symbol, names what cannot be read, and compares them', () => {
    expect(check.series.map(({ name }) => name)).toEqual(['BTC-USD coinbase', 'BTC-USD kraken']);
    expect(check.series[0]).toMatchObject({ findings: [{ kind: 'gap', minutes: 144 }], unreadable: [{ code: 'csv-cell-count' }] });
    expect(check.series[1]?.findings).toMatchObject([{ kind: 'out-of-order', rows: 50 }]);
    expect(check.pairs).toMatchObject([{ between: ['coinbase', 'kraken'], minutes: 3_000, findings: [] }]);
    expect(check).toMatchObject({ defects: 2, notices: 1 });
  });

  it('is a table that says what was found, how long and where', () => {
    const text = renderDataCheck(check, { color: false });
    expect(text).toMatch(/notice +gaps +1 +2\.4 h +2\.4 h +2024-01-01 16:40 UTC +144 minutes without a candle/);
    expect(text).toMatch(/DEFECT +rows out of order +1 /);
    expect(text).toMatch(/cannot be read: .*2024-02\.csv/);
    expect(text).toMatch(/2 defects, 1 notices\. Nothing was changed\.$/);
  });

  it('is JSON with every finding and every day', () => {
    expect(JSON.parse(JSON.stringify(checkJson(check)))).toMatchObject({
      defects: 2,
      series: [
        { symbol: 'BTC-USD', exchange: 'coinbase', findings: [{ kind: 'gap', severity: 'notice', from: '2024-01-01T16:40:00Z', to: '2024-01-01T19:03:00Z', minutes: 144 }], days: [{ day: '2024-01-01', minutes: 1296, of: 1440 }, {}, {}] },
        { exchange: 'kraken' },
      ],
    });
  });

  it('is a page without a script, with a calendar that says each day', () => {
    const page = dataCheckHtml(check);
    expect(page).not.toContain('<script');
    expect(page).toContain('<title>2024-01-01: 90.00&nbsp;%, 144 of 1,440 minutes missing</title>');
    expect(page).toContain('<title>2024-01-02: 100.00&nbsp;%, all 1,440 minutes</title>');
    expect(page.match(/<section>/g)).toHaveLength(3);
    expect(page).toContain('144 minutes without a candle');
  });
});
