'use strict';
// tslab's compiler options are its own (not strict, old module resolution) and its file watchers poll. Both are
// replaced before its converter is loaded, so that a cell is checked as the project is.
const fs = require('node:fs');
const path = require('node:path');
const { correctEarlierNames } = require('./earlier-names.cjs');

/** Cells import `crpbot/...`: the live files of `src`. */
const compilerOptions = (ts, root) => ({
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  paths: { 'crpbot/*': [path.posix.join(root.split(path.sep).join('/'), 'src/*.ts')] },
  lib: ['lib.es2023.d.ts'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  inlineSourceMap: true,
});

/** Patches the compiler that tslab loads. Returns it, and what the kernel needs of it. */
function adaptCompiler(root, tslab) {
  const id = require.resolve('@tslab/typescript-for-tslab', { paths: [tslab] });
  const ts = require(id);
  const watched = watchOnDemand(ts);
  useNewerGenerators(ts);
  const checked = new Set();
  const cellMaps = { last: undefined };
  const overrides = {
    createWatchCompilerHost: (files, options, ...rest) =>
      ts.createWatchCompilerHost([...files, ...ambientTypes(root)], { ...options, ...compilerOptions(ts, root) }, ...rest),
    createWatchProgram: (host) => ts.createWatchProgram(correctEarlierNames(ts, host)),
    getPreEmitDiagnosticsOfFiles: (program, files) => checkOnce(ts, program, files, checked),
    transpileModule: (text, options) => transpileCell(ts, root, text, options, cellMaps),
  };
  require.cache[id].exports = new Proxy(ts, { get: (target, key) => overrides[key] ?? target[key] });
  return {
    ts,
    cellMaps,
    /** Tells the compiler of every file that changed since the last call. True when there was one. */
    noticeChanges: () => {
      const changed = watched.notice();
      if (changed) checked.clear();
      return changed;
    },
  };
}

/** Declarations that no import leads to (`src/types.d.ts`): the project's own compiler reads them by folder. */
function ambientTypes(root) {
  const folder = path.join(root, 'src');
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.d.ts')).map((name) => path.join(folder, name));
}

/**
 * Files are looked at before each cell instead of polled: an edit is seen by the very next cell, always, and a
 * change never arrives in the middle of one.
 */
function watchOnDemand(ts) {
  const entries = new Set();
  ts.sys.watchFile = (file, callback) => {
    const entry = { file, callback, stamp: stampOf(file) };
    entries.add(entry);
    return { close: () => entries.delete(entry) };
  };
  ts.sys.watchDirectory = () => ({ close: () => {} });
  const { Created, Changed, Deleted } = ts.FileWatcherEventKind;
  const notice = () => {
    let any = false;
    for (const entry of [...entries]) {
      const stamp = stampOf(entry.file);
      if (stamp === entry.stamp) continue;
      const kind = entry.stamp === undefined ? Created : stamp === undefined ? Deleted : Changed;
      entry.stamp = stamp;
      entry.callback(entry.file, kind);
      any = true;
    }
    return any;
  };
  return { notice };
}

/** `Generator<T>` takes any `next` since TypeScript 5.6; with 5.0's default, sound code of the project is an error. */
function useNewerGenerators(ts) {
  const read = ts.sys.readFile.bind(ts.sys);
  ts.sys.readFile = (file, encoding) => {
    const text = read(file, encoding);
    return /lib\.es20\d\d\.(async)?generator\.d\.ts$/.test(file) ? text?.replaceAll('TNext = unknown', 'TNext = any') : text;
  };
}

function stampOf(file) {
  const stats = fs.statSync(file, { throwIfNoEntry: false, bigint: true });
  return stats === undefined ? undefined : `${stats.mtimeNs} ${stats.size} ${stats.ino}`;
}

/** tslab checks every imported file again for every cell; a file found good stays good until a file changes. */
function checkOnce(ts, program, files, checked) {
  const [cell, ...dependencies] = files;
  const diagnostics = [...ts.getPreEmitDiagnosticsOfFiles(program, [cell])];
  for (const file of dependencies) {
    if (checked.has(file.fileName)) continue;
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    if (found.length === 0) checked.add(file.fileName);
    diagnostics.push(...found);
  }
  return ts.sortAndDeduplicateDiagnostics(diagnostics);
}

/**
 * tslab compiles twice (TypeScript to ES module to CommonJS). Of a cell both source maps are kept for the errors; the
 * project's own modules are left as they are, since the converter makes them from their files.
 */
function transpileCell(ts, root, text, options, cellMaps) {
  const inline = /\n\/\/# sourceMappingURL=data:application\/json;base64,([\w+/=]+)\s*$/.exec(text);
  if (inline === null) return ts.transpileModule(text, options);
  const map = JSON.parse(Buffer.from(inline[1], 'base64').toString());
  if (isProjectModule(root, map.sources[0])) return { outputText: text };
  const source = text.slice(0, inline.index + 1);
  const result = ts.transpileModule(source, { ...options, compilerOptions: { ...options.compilerOptions, sourceMap: true } });
  const outputText = result.outputText.replace(/\n?\/\/# sourceMappingURL=\S*\s*$/, '\n');
  cellMaps.last = { outputText, maps: [JSON.parse(result.sourceMapText), map] };
  return { ...result, outputText };
}

/** @param source as a source map names it: `../../../src/evaluation/gate.ts`, whatever folder it starts from */
function isProjectModule(root, source) {
  const inRoot = source.replace(/^(\.\.\/)+/, '');
  return inRoot.startsWith('src/') && fs.existsSync(path.join(root, inRoot));
}

module.exports = { adaptCompiler, ambientTypes, compilerOptions, useNewerGenerators };
