#!/usr/bin/env node
// Runs a TypeScript file of this project: node bin/tsx.js FILE [ARG ...]
import { register } from 'tsx/esm/api';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

register();
const file = process.argv[2];
process.argv.splice(1, 2, resolve(file));
await import(pathToFileURL(process.argv[1]).href);
