'use strict';
// Jupyter's messages in and out: tslab's server, with the messages it does not know and sockets that lose nothing.
const { randomUUID } = require('node:crypto');
const path = require('node:path');

/** Time for the last messages to leave before the process ends. */
const LINGER_MS = 200;
const KNOWN = new Set(['kernel_info', 'execute', 'is_complete', 'inspect', 'complete', 'comm_info', 'shutdown'].map((name) => `${name}_request`));

function createServer(tslab, handler, session, connectionFile, exit) {
  const { ZmqServer } = require(path.join(tslab, 'dist/jupyter.js'));

  class Server extends ZmqServer {
    /** tslab answers in the name of who asked; JupyterLab takes what bears different names for a kernel that was replaced. */
    #session = randomUUID();
    /** tslab's class of messages, which it does not export: known from the first request, which is for the kernel's info. */
    #Message;

    constructor() {
      super(handler, connectionFile);
    }

    publishStatus(status, message) {
      if (!Object.hasOwn(message, 'createReply')) {
        const create = message.createReply.bind(message);
        message.createReply = () => {
          const reply = create();
          reply.header.session = this.#session;
          return reply;
        };
      }
      this.#Message = message.constructor;
      // A cell that waits for its turn is not busy yet: the idle of the one before would end what is shown as running.
      if (status === 'busy' && message.header.msg_type === 'execute_request') return;
      super.publishStatus(status, message);
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
        busy: () => super.publishStatus('busy', message),
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

    /** tslab answers what it does not know (widgets, debugging) with a warning printed into the last cell. */
    async handleShellMessage(socket, ...parts) {
      const type = messageType(parts);
      if (type === 'history_request' && this.#Message !== undefined) this.#answerHistory(socket, parts);
      else if (KNOWN.has(type)) await super.handleShellMessage(socket, ...parts);
    }

    /** There is none; but JupyterLab calls a kernel's state unknown until this is answered. */
    #answerHistory(socket, parts) {
      const message = this.#Message.fromRaw(this.connInfo.key, parts);
      this.publishStatus('busy', message);
      this.#send(socket, message, 'history_reply', { status: 'ok', history: [] });
      this.publishStatus('idle', message);
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
