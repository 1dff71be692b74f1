'use strict';
const path = require('node:path');

/**
 * What `src/notebook` finds in a kernel and not elsewhere: how to show something in several forms at once (tslab's
 * own `display` shows one), and the signal that an interrupt fires.
 */
function openChannel(tslab, session) {
  const jupyter = require(path.join(tslab, 'dist/jupyter.js'));
  const channel = {
    /** `data`: a MIME bundle. With `id`, `update` replaces what was shown under it. */
    display: ({ data, metadata = {}, id, update = false }) => {
      if (jupyter.lastWriteDisplayData === null) throw new Error('nothing can be shown before the first cell runs');
      jupyter.lastWriteDisplayData({ data, metadata, transient: id === undefined ? {} : { display_id: id } }, update);
    },
    signal: session.signal,
  };
  Object.defineProperty(globalThis, Symbol.for('crpbot.kernel'), { value: channel });
}

module.exports = { openChannel };
