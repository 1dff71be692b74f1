'use strict';
// tslab's converter, wrapped: a change reaches every importer, `crpbot/...` is the live src, packages come from
// Node, and what the compiler said of a cell is kept for its error message.
const path = require('node:path');
const { compileModule } = require('./module-cache.cjs');
const { createPackages } = require('./interop.cjs');

const MODULE_NOT_FOUND = 2307;

/** Thrown out of a cell's first conversion: it is compiled, and can run once `load` has loaded its packages. */
class Compiled extends Error {
  constructor(load) {
    super('compiled');
    this.load = load;
  }
}

function createCellConverter(root, tslab, compiler) {
  const { createConverter } = require(path.join(tslab, 'dist/converter.js'));
  const create = () => createConverter({ isJS: false, isBrowser: false });
  const packages = createPackages(root);
  const modules = localModules(root, compiler.ts, packages);
  const cellModules = new Map();
  let inner = create();
  let stale = false;
  let diagnostics = [];
  let ready;

  function convert(previousDeclarations, source) {
    if (ready !== undefined) {
      const result = ready;
      ready = undefined;
      return { ...result, sideOutputs: modules.take() };
    }
    const { needed, ...result } = compile(previousDeclarations, source);
    if (result.diagnostics.length > 0) return { ...result, sideOutputs: modules.take() };
    ready = result;
    throw new Compiled(() => packages.load([...needed].filter((name) => !packages.isLoaded(name))));
  }

  function compile(previousDeclarations, source) {
    compiler.noticeChanges();
    if (stale) renew();
    const result = inner.convert(previousDeclarations, source);
    diagnostics = result.diagnostics;
    // The compiler remembers that a module was not there: after such an error it starts anew.
    stale = diagnostics.some((diagnostic) => diagnostic.code === MODULE_NOT_FOUND);
    modules.update(result.sideOutputs ?? []);
    const { text, needed } = packages.adapt(result.output ?? '');
    for (const name of modules.needed()) needed.add(name);
    return { ...result, ...(result.output && { output: text }), needed };
  }

  function renew() {
    inner.close();
    inner = create();
    for (const args of cellModules.values()) inner.addModule(...args);
  }

  return {
    convert,
    addModule(...args) {
      cellModules.set(args[0], args);
      diagnostics = inner.addModule(...args);
      return diagnostics;
    },
    inspect: (...args) => inner.inspect(...args),
    complete: (...args) => inner.complete(...args),
    close: () => inner.close(),
    /** Before a cell: forget the last one's. */
    reset: () => {
      diagnostics = [];
      ready = undefined;
      compiler.cellMaps.last = undefined;
    },
    diagnostics: () => diagnostics,
    maps: () => compiler.cellMaps.last?.maps,
  };
}

/** The project's own modules as compiled so far. */
function localModules(root, ts, packages) {
  const source = path.join(root, 'src');
  const known = new Map();
  /**
   * Those the executor has not taken in. The compiler tells of a module once: what a cell that was interrupted before it
   * ran would have brought is still here for the next.
   */
  const waiting = new Set();

  /** Takes note of what was compiled. When a known module changed, all wait again, so that its importers run again too. */
  function update(sideOutputs) {
    const changed = sideOutputs.some((output) => known.has(output.path));
    for (const output of sideOutputs) {
      know(output.path, packages.adapt(compileModule(ts, root, output)));
      addAlias(output.path);
    }
    if (changed) for (const file of known.keys()) waiting.add(file);
  }

  function know(file, adapted) {
    known.set(file, adapted);
    waiting.add(file);
  }

  /** Packages of the modules that wait. */
  const needed = () => [...waiting].flatMap((file) => [...known.get(file).needed]);

  function take() {
    const outputs = [...waiting].map((file) => ({ path: file, data: known.get(file).text }));
    waiting.clear();
    return outputs;
  }

  /** `crpbot/x` in a cell is looked for as `<root>/crpbot/x.js`. */
  function addAlias(file) {
    const relative = path.relative(source, file);
    if (relative.startsWith('..')) return;
    const alias = path.join(root, 'crpbot', relative);
    know(alias, { text: `module.exports = require(${JSON.stringify(path.relative(path.dirname(alias), file))});`, needed: [] });
  }

  return { update, needed, take };
}

module.exports = { createCellConverter, Compiled };
