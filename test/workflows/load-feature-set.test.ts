import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { featureRecipe } from '../../src/features/feature-recipes.js';
import { loadFeatureSet } from '../../src/workflows/load-feature-set.js';
import { randomCandles } from '../support/random-candles.js';
import { projectRoot } from '../support/requirements.js';

const folder = mkdtempSync(join(tmpdir(), 'crpbot-own-features-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a file of features; plain JavaScript, as Node loads it itself. */
function fileOf(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}
const compute = '({ close }) => close.map((price, t) => price / close[t - 1] - 1)';
const recipe = `{ set: { name: 'own-1', alignment: 'causal', columns: ['return_1'], warmupRows: 1, leaky: false }, contextRows: 1, *compute(candles) { yield ['return_1', (${compute})(candles)]; } }`;
const failing = (code: string): Error => expect.objectContaining({ name: 'InputError', code }) as Error;

describe('loadFeatureSet', () => {
  it('finds one of ours by its name', async () => {
    expect(await loadFeatureSet('v2-50')).toBe(featureRecipe('v2-50'));
    await expect(loadFeatureSet('v9')).rejects.toThrowError(failing('unknown-feature-set'));
  });

  it('loads a file, and knows the set by its name from then on', async () => {
    const loaded = await loadFeatureSet(fileOf('own.mjs', `export default ${recipe};`));
    expect(loaded.set.columns).toEqual(['return_1']);
    expect(featureRecipe('own-1')).toBe(loaded);
  });

  it('loads a TypeScript file that calls defineFeatureSet', async () => {
    const module = pathToFileURL(join(projectRoot, 'src/features/own-feature-set.ts')).href;
    const file = fileOf('own.ts', `import { defineFeatureSet } from '${module}';\nexport default defineFeatureSet({ name: 'own-2', features: [{ name: 'return_1', warmupRows: 1, compute: ${compute} }] });\n`);
    expect((await loadFeatureSet(file)).set).toMatchObject({ name: 'own-2', warmupRows: 1 });
  });

  it('says what is wrong with a file', async () => {
    await expect(loadFeatureSet(join(folder, 'absent.ts'))).rejects.toThrowError(failing('feature-file-missing'));
    await expect(loadFeatureSet(folder)).rejects.toThrowError(failing('feature-file-missing'));
    await expect(loadFeatureSet(fileOf('empty.mjs', 'export const features = [];'))).rejects.toThrowError(failing('feature-file-invalid'));
    await expect(loadFeatureSet(fileOf('null.mjs', 'export default null;'))).rejects.toThrowError(failing('feature-file-invalid'));
    await expect(loadFeatureSet(fileOf('broken.mjs', "throw new Error('boom');"))).rejects.toThrowError(/broken\.mjs does not load: boom/);
    await expect(loadFeatureSet(fileOf('broken.mjs', "throw new Error('boom');"))).rejects.toThrowError(failing('feature-file-unreadable'));
  });

  const written = (name: string, columns: string, compute: string): string =>
    fileOf(`${name.replace(/\W/g, '')}-${files++}.mjs`, `export default { set: { name: '${name}', alignment: 'causal', columns: ${columns}, warmupRows: 1, leaky: false }, contextRows: 1, *compute({ close }) { ${compute} } };`);
  let files = 0;

  it.each([
    ['a name that leads out of the folder', '../../x', "['a']"],
    ['no columns', 'own-3', '[]'],
    ['a column twice', 'own-3', "['a', 'a']"],
    ['a column that is no name', 'own-3', "['a b']"],
  ])('refuses a set written by hand with %s', async (_, name, columns) => {
    await expect(loadFeatureSet(written(name, columns, "yield ['a', close];"))).rejects.toThrowError(failing('feature-file-invalid'));
  });

  it.each([
    ['other columns', "yield ['b', close];", 'feature-columns', /gives b where its set has a/],
    ['too few columns', '', 'feature-columns', /ends before a/],
    ['another length', "yield ['a', close.slice(1)];", 'feature-length', /of 10 values for a/],
    ['an error of its own', "throw new Error('boom');", 'feature-failed', /own-4 of .* failed at a: boom/],
  ])('a set whose compute gives %s fails with the file and what is wrong', async (_, body, code, message) => {
    const loaded = await loadFeatureSet(written('own-4', "['a']", body));
    const compute = (): unknown => [...loaded.compute(randomCandles({ rows: 10 }))];
    expect(compute).toThrowError(failing(code));
    expect(compute).toThrowError(message);
  });
});
