/**
 * Three symbols x two years (3,153,600 minutes) from the fake exchange in a process of its own, which allows one request
 * of 300 candles each `ms` milliseconds and answers after 50 ms: the share of the allowed rate that the collector
 * reaches, and its memory. Coinbase itself allows one in 102 ms, at which the same takes 18 minutes. Then the small run
 * that is killed so many times.
 *
 *     node bin/tsx.js benchmarks/collect.ts [ms] [kills]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../src/random.js';
import { collect } from '../src/workflows/collect.js';
import { collectThroughKills } from '../test/support/fake-exchange/kill-collector.js';
import type { FakeExchangeSettings, FakeExchangeStats } from '../test/support/fake-exchange/fake-exchange.js';
import { storeFiles } from '../test/support/fake-exchange/store-files.js';

async function withFakeExchange<T>(settings: FakeExchangeSettings, work: (url: string) => Promise<T>): Promise<T> {
  const server = spawn(process.execPath, ['bin/tsx.js', 'test/support/fake-exchange/start.ts', JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const url = await new Promise<string>((resolve) => server.stdout.once('data', (data: Buffer) => resolve(data.toString().trim())));
    return await work(url);
  } finally {
    server.kill();
  }
}

async function fullSpeed(perRequestMs: number, out: string): Promise<void> {
  await withFakeExchange({ latencyMs: 50, requestsPerSecond: 1000 / perRequestMs }, async (exchangeUrl) => {
    const begin = performance.now();
    const { series } = await collect({ symbols: ['BTC-USD', 'ETH-USD', 'SOL-USD'], since: '2023-01-01', until: '2024-12-31', out, exchangeUrl, exchangeSettings: { rateLimit: perRequestMs / 3 }, now: Date.now });
    const seconds = (performance.now() - begin) / 1000;
    const { requests, firstAt, lastAt, tooMany } = (await (await fetch(`${exchangeUrl}/stats`)).json()) as FakeExchangeStats;
    const share = ((requests - 1) * perRequestMs) / (lastAt - firstAt);
    const candles = series.reduce((sum, { totalCandles }) => sum + totalCandles, 0);
    console.log(`3 symbols x 2 years: ${candles} candles in ${seconds.toFixed(1)} s, ${requests} requests (${tooMany} answered 429), one allowed each ${perRequestMs} ms`);
    console.log(`share of the allowed rate: ${(100 * share).toFixed(1)} % between first and last request, ${((100 * requests * perRequestMs) / 1000 / seconds).toFixed(1)} % of the whole run; peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
  });
}

async function throughKills(kills: number, folder: string): Promise<void> {
  await withFakeExchange({ faultShare: 0.02 }, async (exchangeUrl) => {
    const options = { symbols: ['BTC-USD', 'ETH-USD'], since: '2024-01-01', until: '2024-07-01', exchangeUrl, exchangeSettings: { rateLimit: 8 } };
    await collect({ ...options, out: join(folder, 'undisturbed'), exchangeSettings: { rateLimit: 1 }, now: Date.now });
    const killed = await collectThroughKills({ ...options, out: join(folder, 'killed') }, { kills, spanMs: 2000, random: createRandom(11) });
    const same = JSON.stringify(storeFiles(join(folder, 'killed'))) === JSON.stringify(storeFiles(join(folder, 'undisturbed')));
    console.log(`killed ${killed} of ${kills} times: the store is ${same ? 'byte-equal to' : 'NOT the same as'} that of an undisturbed run`);
    if (!same) process.exitCode = 1;
  });
}

async function main(): Promise<void> {
  const [perRequestMs = 12, kills = 50] = process.argv.slice(2).map(Number);
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-collect-'));
  try {
    if (perRequestMs > 0) await fullSpeed(perRequestMs, join(folder, 'full'));
    if (kills > 0) await throughKills(kills, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

void main();
