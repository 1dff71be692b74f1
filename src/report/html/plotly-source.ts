import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { SetupError } from '../../errors.js';

/**
 * plotly.js, minified, as installed with the project; put into every report, which then needs no network.
 * @throws SetupError `plotly-missing`
 */
export function plotlySource(projectRoot: string = process.env.CRPBOT_ROOT ?? process.cwd()): string {
  try {
    return readFileSync(createRequire(join(projectRoot, 'package.json')).resolve('plotly.js-dist-min'), 'utf8');
  } catch (cause) {
    throw new SetupError(`plotly.js-dist-min is not installed in ${projectRoot}`, {
      code: 'plotly-missing',
      hint: 'run npm ci in the project folder',
      cause,
    });
  }
}
