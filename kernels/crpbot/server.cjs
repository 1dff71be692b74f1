'use strict';
// Jupyter's messages in and out: tslab's server, with the messages it does not know and sockets that lose nothing.
const path = require('node:path');

/** Time for the last messages to leave before the process ends. */
const LINGER_MS = 200;
const KNOWN = new Set(['kernel_info', 'execute', 'is_complete', 'inspect', 'complete', 'comm_info', 'shutdown'].map((name) => `${name}_request`));

function createServer(tslab, handler, session, connectionFile, exit) {
  const { ZmqServer } = require(path.join(tslab, 'dist/jupyter.js'));

  class Server extends ZmqServer {
    constructor() {
      super(handler, connectionFile);
    }

    async bindSocket(socket, port) {
      // A burst of output is otherwise dropped: once 1,000 messages wait, and after 512 without the event loop turning.
      if (socket === this.iopub) Object.assign(socket, { sendHighWaterMark: 0, sendTimeout: 0 });
      const { transport, ip } = this.connInfo;
      await socket.bind(`${transport}://${ip}${transport === 'ipc' ? '-' : ':'}${port}`);
    }

    #send(socket, message, type, content) {
      const reply = message.createReply();
      reply.header.msg_type = type;
      reply.content = content;
      reply.signAndSend(this.connInfo.key, socket);
    }

    async handleExecute(socket, message) {
      const publish = (type) => (content) => this.#send(this.iopub, message, type, content);
      const content = await handler.handleExecute(message.content, {
        input: publish('execute_input'),
        stream: (name, text) => this.#send(this.iopub, message, 'stream', { name, text }),
        display: (data, update) => this.#send(this.iopub, message, update ? 'update_display_data' : 'display_data', data),
        error: publish('error'),
      });
      this.#send(socket, message, 'execute_reply', content);
    }

    handleCommInfoRequest(socket, message) {
      this.#send(socket, message, 'comm_info_reply', { status: 'ok', comms: {} });
    }

    /** tslab answers what it does not know (widgets, history) with a warning printed into the last cell. */
    async handleShellMessage(socket, ...parts) {
      if (KNOWN.has(messageType(parts))) await super.handleShellMessage(socket, ...parts);
    }

    close() {
      session.end();
      setTimeout(() => exit(0), LINGER_MS);
      super.close();
    }
  }
  return new Server();
}

/** The type in a message's header, the frame two after the delimiter; empty where it cannot be read. */
function messageType(parts) {
  const delimiter = parts.findIndex((part) => part.toString() === '<IDS|MSG>');
  try {
    return String(JSON.parse(parts[delimiter + 2].toString()).msg_type);
  } catch {
    return '';
  }
}

module.exports = { createServer };
