import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalSymbol, isFileOfKind, symbolOfFile, timeframeOfFile } from '../../src/candles/symbols.js';

describe('canonicalSymbol', () => {
  it.each([
    ['BTC-USD', 'BTC-USD'],
    ['btc_usd', 'BTC-USD'],
    ['ETH/USDT', 'ETH-USDT'],
    ['BTCUSDT', 'BTC-USDT'],
    ['SOL-SIM', 'SOL-SIM'],
    ['1INCH-USD', '1INCH-USD'],
  ])('%s is %s', (text, symbol) => {
    expect(canonicalSymbol(text)).toBe(symbol);
  });

  it.each(['', '-', 'BTC-', 'BTC-USD-1m', 'BTC USD', '../BTC'])('%j is none', (text) => {
    expect(() => canonicalSymbol(text)).toThrow(expect.objectContaining({ code: 'symbol-unreadable' }));
  });
});

describe('symbolOfFile', () => {
  it.each([
    ['BTC-USD_1m.parquet', 'BTC-USD'],
    ['BTC-USD_bitfinex_1m_2018-01-01_2019-12-31.parquet', 'BTC-USD'],
    ['ETH-USDT_1m_2025-05-05_2025-06-03.parquet', 'ETH-USDT'],
    ['BTC-SIM_1m_2025-01-06_2025-02-04.parquet', 'BTC-SIM'],
    ['BTC_USD_1m.csv', 'BTC-USD'],
    ['sol_usd.csv.gz', 'SOL-USD'],
    ['BTCUSDT-1m-2025-01.csv', 'BTC-USDT'],
    ['XBTUSD_1.csv', 'XBT-USD'],
    ['AAA-BBB_1m_x.parquet', 'AAA-BBB'],
    ['features_BTC-USD_1m_2025-11-19_50feat.parquet', 'BTC-USD'],
    ['features_ETH_USD_1m_2025-11-19_50feat.parquet', 'ETH-USD'],
    ['lstm_BTC_USD_1m_0a1b2c3d.pt', 'BTC-USD'],
    ['lstm_SOL_USD_1m_7d.pt', 'SOL-USD'],
    ['lstm_BTC-SIM_1m_demo.pt', 'BTC-SIM'],
    ['lstm_BTC_USDT_1m_causal.pt', 'BTC-USDT'],
    ['lstm_FOO_BAR_1m_legacy.safetensors', 'FOO-BAR'],
    ['transformer_ETH-USD_1m.onnx', 'ETH-USD'],
    ['tcn_ETH_USD_v2.pt', 'ETH-USD'],
    ['gru_BTC-USD.pt', 'BTC-USD'],
    ['data/BTC-USD/1m/2025-01.parquet', 'BTC-USD'],
    ['data/BTC_USD/2025-01.csv', 'BTC-USD'],
  ])('%s: %s', (name, symbol) => {
    expect(symbolOfFile(name)).toBe(symbol);
    expect(symbolOfFile(`/some/where/${name}`)).toBe(symbol);
  });

  it.each([
    'walk_input.parquet',
    'edge_f50_legacy_a.parquet',
    'lstm_final_hidden_50_16x2.pt',
    'lstm_bare_state_dict.pt',
    'transformer_31_32x2.pt',
    'bad_not_a_checkpoint.pt',
    'evaluation-results.csv',
    'README.md',
    '2025-01.parquet',
    '2025-01-06_1m.csv',
    'sim/2025-01.parquet',
  ])('%s says none', (name) => {
    expect(symbolOfFile(`/some/where/${name}`)).toBeUndefined();
  });

  it('reads its own names back, whatever the symbol', () => {
    const part = fc.stringMatching(/^[A-Z][A-Z0-9]{1,5}$/);
    fc.assert(
      fc.property(part, part, fc.constantFrom('-', '_'), fc.stringMatching(/^[0-9a-f]{8}$/), (base, quote, joint, hash) => {
        const symbol = `${base}-${quote}`;
        const written = `${base}${joint}${quote}`;
        expect(symbolOfFile(`${written}_1m_2025-01-06.parquet`)).toBe(symbol);
        expect(symbolOfFile(`features_${written}_1m_2025-01-06_50feat.parquet`)).toBe(symbol);
        expect(symbolOfFile(`lstm_${written}_1m_${hash}.pt`)).toBe(symbol);
        expect(canonicalSymbol(written)).toBe(symbol);
      }),
    );
  });
});

describe('a file name', () => {
  it.each([
    ['BTC-USD_1m.parquet', ['candles']],
    ['BTC-USD_1m.csv.gz', ['candles']],
    ['features_BTC-USD_1m_50feat.parquet', ['features']],
    ['lstm_BTC_USD_1m_x.pt', ['model']],
    ['lstm_BTC_USD_1m_x.expected.parquet', []],
    ['predictions_lstm_BTC_USD_1m_x.parquet', []],
    ['evaluation_results.csv', []],
    ['features_BTC-USD_1m_50feat.json', []],
  ])('%s is of %j', (name, kinds) => {
    expect((['candles', 'features', 'model'] as const).filter((kind) => isFileOfKind(name, kind))).toEqual(kinds);
  });

  it.each([
    ['BTC-USD_1m_2025.parquet', '1m'],
    ['BTC-USD_15m.parquet', '15m'],
    ['BTCUSDT-1h-2025-01.csv', '1h'],
    ['BTC-USD/1m/2025-01.csv.gz', '1m'],
    ['BTC-USD_1min.csv', '1m'],
    ['BTC-USD.csv', undefined],
  ])('%s is of timeframe %s', (name, timeframe) => {
    expect(timeframeOfFile(name)).toBe(timeframe);
  });
});
