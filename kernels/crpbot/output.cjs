'use strict';
const { StringDecoder } = require('node:string_decoder');

const EVERY_MS = 30;
const LARGEST = 64 * 1024;

/**
 * What cells print, gathered into few messages: the first at once, then at most one each 30 ms or 64 KiB. tslab
 * sends a message a write, and after some hundreds in one stretch messages are lost.
 */
class Output {
  #text = '';
  #last = 0;
  #target = { name: 'stdout', send: () => {} };
  #timer;

  /** A replacement for `process.stdout.write`, `send(name, text)` being the message. */
  writer(name, send) {
    const target = { name, send };
    const decoder = new StringDecoder('utf8');
    return (chunk, encoding, callback) => {
      this.#write(target, typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk)));
      const done = typeof encoding === 'function' ? encoding : callback;
      if (done) process.nextTick(done);
      return true;
    };
  }

  #write(target, text) {
    if (target !== this.#target) this.flush();
    this.#target = target;
    this.#text += text;
    if (this.#text.length >= LARGEST || Date.now() - this.#last >= EVERY_MS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), EVERY_MS);
  }

  flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    this.#last = Date.now();
    this.#target.send(this.#target.name, text);
  }
}

module.exports = { Output };
