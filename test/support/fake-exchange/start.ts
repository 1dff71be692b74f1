/**
 * The fake exchange as a process of its own: `node bin/tsx.js test/support/fake-exchange/start.ts '{"requestsPerSecond": 100}' [port]`.
 * Prints its address; `/stats` tells what it was asked.
 */
import { startFakeExchange } from './fake-exchange.js';
import type { FakeExchangeSettings } from './fake-exchange.js';

void startFakeExchange(JSON.parse(process.argv[2] ?? '{}') as FakeExchangeSettings, Date.now, Number(process.argv[3] ?? 0)).then(({ url }) => process.stdout.write(`${url}\n`));
