'use strict';
const fs = require('node:fs');
const path = require('node:path');

const OLDEST_NODE = [20, 19];
/** The one whose modules this launcher composes. */
const TSLAB = '1.0.22';

function requireNodeVersion() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new Error(`Node.js ${process.versions.node} is too old, ${OLDEST_NODE.join('.')} or newer is needed`);
}

/** The project's folder: the one named by CRPBOT_ROOT, or round the notebook, or round this launcher. */
function findProject() {
  const starts = [process.env.CRPBOT_ROOT, process.cwd(), fs.realpathSync(__dirname)];
  for (const start of starts) {
    const found = start ? projectAround(path.resolve(start)) : undefined;
    if (found !== undefined) return fs.realpathSync(found);
  }
  throw new Error(`no package.json named "crpbot" in or above ${process.cwd()}; set CRPBOT_ROOT to the project's folder`);
}

function projectAround(start) {
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (isProject(folder)) return folder;
    if (folder === path.dirname(folder)) return undefined;
  }
}

function isProject(folder) {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).name === 'crpbot';
  } catch {
    return false;
  }
}

/** tslab's folder, in this kernel's own node_modules: its TypeScript 5.0 must not become the project's. A global one is never taken. */
function findTslab(root, here) {
  let other;
  for (const folder of [here, path.join(root, 'kernels/crpbot')]) {
    const tslab = path.join(folder, 'node_modules/tslab');
    const version = versionOf(tslab);
    if (version === TSLAB) return tslab;
    if (version !== undefined) other ??= `tslab ${version} is installed in ${folder}, and ${TSLAB} is needed`;
  }
  throw new Error(`${other ?? 'tslab is not installed'}; run: npx crpbot setup jupyter`);
}

function versionOf(folder) {
  try {
    return String(JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).version);
  } catch {
    return undefined;
  }
}

module.exports = { TSLAB, findProject, findTslab, requireNodeVersion };
