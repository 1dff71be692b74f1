#!/usr/bin/env node
'use strict';
// The TypeScript kernel of the notebooks: tslab's own modules, put together anew. Usage: node launcher.cjs CONNECTION_FILE
const path = require('node:path');
const { findProject, findTslab, requireNodeVersion } = require('./project.cjs');
const { exitWithParent } = require('./parent-watch.cjs');
const { adaptCompiler } = require('./compiler.cjs');
const { createCellConverter } = require('./converter.cjs');
const { watchBackground } = require('./background.cjs');
const { createSession } = require('./session.cjs');
const { createHandler } = require('./handler.cjs');
const { createServer } = require('./server.cjs');
const { openChannel } = require('./channel.cjs');

function launch(connectionFile) {
  requireNodeVersion();
  const root = findProject();
  const tslab = findTslab(root, __dirname);
  // tslab takes its root folder from the working directory, when it is loaded.
  process.chdir(root);
  process.env.CRPBOT_ROOT = root;
  // TensorFlow otherwise takes the whole GPU; whoever starts the kernel may have said so already.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  process.setSourceMapsEnabled(true);
  exitWithParent();

  const compiler = adaptCompiler(root, tslab);
  const converter = createCellConverter(root, tslab, compiler);
  const background = watchBackground();
  const session = createSession(root, tslab, converter, background);
  process.on('SIGINT', session.interrupt);
  openChannel(tslab, session);

  const version = { crpbot: require(path.join(root, 'package.json')).version, typescript: compiler.ts.version };
  const handler = createHandler(tslab, session, version);
  return createServer(tslab, handler, session, connectionFile, background.exit).init();
}

function fail(error) {
  process.stderr.write(`crpbot kernel: ${error.message}\n`);
  process.reallyExit(1);
}

try {
  launch(process.argv[2]).catch(fail);
} catch (error) {
  fail(error);
}
