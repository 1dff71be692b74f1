'use strict';
// The project is ES modules; tslab runs CommonJS. A package is therefore imported by Node itself, before the code
// that needs it runs, so that it means in a notebook what it means on the command line: the same file of a package
// with two, the same `default`, and top-level await works.
const path = require('node:path');
const vm = require('node:vm');

const REQUIRE = /\brequire\("([^"\n]+)"\)/g;
const DYNAMIC = /\bPromise\.resolve\(\)\.then\(\(\) => (?:__importStar\()?require\("([^"\n]+)"\)\)?\)/g;

/** Ours to compile, or tslab's to answer: everything else is a package or part of Node. */
const isLocal = (name) => name.startsWith('.') || name.startsWith('/') || name.startsWith('crpbot/') || name === 'tslab';

function createPackages(root) {
  const loaded = new Map();
  // import() resolves from the file it stands in: this one pretends to be the project's.
  const importFromProject = vm.runInThisContext('(name) => import(name)', {
    filename: path.join(root, 'src', 'notebook-cell.js'),
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const define = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true });
  define('__crpbotPackage', (name) => loaded.get(name));
  define('__crpbotImport', importFromProject);

  /** Rewrites compiled code to take its packages from here. Returns the code, and the packages it must find loaded. */
  function adapt(code) {
    const needed = new Set();
    const text = code
      .replace(DYNAMIC, (whole, name) => (isLocal(name) ? whole : `__crpbotImport("${name}")`))
      .replace(REQUIRE, (whole, name) => {
        if (isLocal(name)) return whole;
        needed.add(name);
        return `__crpbotPackage("${name}")`;
      });
    return { text, needed };
  }

  async function load(names) {
    for (const name of names) loaded.set(name, asModule(await importFromProject(name)));
  }

  return { adapt, load, isLoaded: (name) => loaded.has(name) };
}

/** A namespace as TypeScript's CommonJS helpers expect one: marked, its bindings live. */
function asModule(namespace) {
  const module = Object.create(null, { __esModule: { value: true } });
  for (const key of Object.keys(namespace)) {
    if (key !== '__esModule') Object.defineProperty(module, key, { enumerable: true, get: () => namespace[key] });
  }
  return module;
}

module.exports = { createPackages };
