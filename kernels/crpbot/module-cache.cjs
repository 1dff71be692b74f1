'use strict';
// The project's modules as CommonJS, kept in `.cache/kernel` for the next kernel: compiling them is a quarter of a first import.
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const sha256 = (...texts) => createHash('sha256').update(texts.join('\0')).digest('hex');

/**
 * One step from TypeScript to CommonJS with a source map, where tslab takes two without: errors name the real line.
 * `output` is tslab's: taken as it is where no file stands behind it.
 */
function compileModule(ts, root, output) {
  const file = output.path.replace(/\.js$/, '.ts');
  if (!fs.existsSync(file)) return output.data;
  const source = fs.readFileSync(file, 'utf8');
  const { CommonJS } = ts.ModuleKind;
  const compilerOptions = { module: CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true, inlineSourceMap: true };
  const entry = path.join(root, '.cache/kernel', `${sha256(file).slice(0, 32)}.js`);
  const key = `//${sha256(ts.version, JSON.stringify(compilerOptions), file, source)}\n`;
  const kept = read(entry);
  if (kept?.startsWith(key)) return kept.slice(key.length);
  const compiled = ts.transpileModule(source, { fileName: file, compilerOptions }).outputText;
  keep(entry, key + compiled);
  return compiled;
}

function read(entry) {
  try {
    return fs.readFileSync(entry, 'utf8');
  } catch {
    return undefined;
  }
}

/** Where nothing can be written, every kernel compiles anew. */
function keep(entry, text) {
  const partial = `${entry}.${process.pid}.partial`;
  try {
    fs.mkdirSync(path.dirname(entry), { recursive: true });
    fs.writeFileSync(partial, text);
    fs.renameSync(partial, entry);
  } catch {
    fs.rmSync(partial, { force: true });
  }
}

module.exports = { compileModule };
