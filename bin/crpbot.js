#!/usr/bin/env node
// The command line. TypeScript is read as it stands (tsx): nothing to build after `npm ci`.
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

process.env.CRPBOT_ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
register();
const { main } = await import('../src/cli/main.ts');
process.exitCode = await main(process.argv.slice(2));
