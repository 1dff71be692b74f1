import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** The browser the tests may use: `CHROMIUM`, or Debian's. */
export function chromiumPath(): string | undefined {
  return [process.env.CHROMIUM, '/usr/bin/chromium'].find((path) => path !== undefined && existsSync(path));
}

export interface PageOptions {
  readonly width: number;
  readonly height?: number;
  /** A touch screen of a phone: its width is the page's, whatever the page wants. */
  readonly phone?: boolean;
  readonly dark?: boolean;
}

/** A page in a real, headless Chromium, and all that it said and asked for. */
export interface BrowserPage {
  /** Exceptions, console errors and refusals of the content security policy. */
  readonly errors: readonly string[];
  /** Addresses of everything the page loaded or tried to, itself included; `data:` is no request. */
  readonly requests: readonly string[];
  /** The value of a JavaScript expression, awaited. */
  evaluate(expression: string): Promise<unknown>;
  screenshot(): Promise<Buffer>;
  pdf(): Promise<Buffer>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

const flags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--hide-scrollbars', '--remote-debugging-pipe',
];

/** Opens a `file:` address in a fresh browser, lets `use` look at it, and ends the browser. */
export async function withPage<T>(url: string, options: PageOptions, use: (page: BrowserPage) => Promise<T>): Promise<T> {
  const executable = chromiumPath();
  if (executable === undefined) throw new Error('chromium is not installed');
  const profile = mkdtempSync(join(tmpdir(), 'crpbot-chromium-'));
  const browser = spawn(executable, [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    // A group of its own: the browser's helper processes must end with it, or they write into the folder removed below.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => browser.once('close', () => resolve()));
  try {
    const connection = connect(browser.stdio[3] as Writable, browser.stdio[4] as Readable, ended);
    return await use(await openPage(connection, url, options));
  } finally {
    if (browser.pid !== undefined) process.kill(-browser.pid, 'SIGKILL');
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

interface Connection {
  send(method: string, params?: Record<string, unknown>, sessionId?: string): Promise<Record<string, unknown>>;
  onEvent(listener: (method: string, params: Record<string, unknown>) => void): void;
}

/** The DevTools protocol over two pipes: JSON messages, each ended by a NUL. */
function connect(to: Writable, from: Readable, ended: Promise<void>): Connection {
  const waiting = new Map<number, { resolve: (result: Record<string, unknown>) => void; reject: (error: Error) => void }>();
  const listeners: ((method: string, params: Record<string, unknown>) => void)[] = [];
  let lastId = 0;
  let received = Buffer.alloc(0);
  from.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (let end = received.indexOf(0); end >= 0; end = received.indexOf(0)) {
      dispatch(JSON.parse(received.subarray(0, end).toString('utf8')) as Message);
      received = received.subarray(end + 1);
    }
  });
  to.on('error', () => undefined);
  void ended.then(() => waiting.forEach(({ reject }) => reject(new Error('chromium ended'))));

  function dispatch({ id, method, params, result, error }: Message): void {
    if (method !== undefined) listeners.forEach((listener) => listener(method, params ?? {}));
    const asked = id === undefined ? undefined : waiting.get(id);
    if (asked === undefined || id === undefined) return;
    waiting.delete(id);
    if (error === undefined) asked.resolve(result ?? {});
    else asked.reject(new Error(error.message));
  }

  return {
    send: (method, params = {}, sessionId) =>
      new Promise((resolve, reject) => {
        lastId += 1;
        waiting.set(lastId, { resolve, reject });
        to.write(`${JSON.stringify({ id: lastId, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`);
      }),
    onEvent: (listener) => void listeners.push(listener),
  };
}

async function openPage(connection: Connection, url: string, options: PageOptions): Promise<BrowserPage> {
  const errors: string[] = [];
  const requests: string[] = [];
  const loaded = new Promise<void>((resolve) => {
    connection.onEvent((method, params) => {
      if (method === 'Page.loadEventFired') resolve();
      if (method === 'Runtime.exceptionThrown') errors.push(JSON.stringify(params.exceptionDetails));
      if (method === 'Runtime.consoleAPICalled' && params.type === 'error') errors.push(JSON.stringify(params.args));
      if (method === 'Log.entryAdded' && (params.entry as { level: string }).level === 'error') errors.push(JSON.stringify(params.entry));
      const asked = (params.request as { url?: string } | undefined)?.url;
      if (method === 'Network.requestWillBeSent' && asked?.startsWith('data:') === false) requests.push(asked);
    });
  });
  const { targetId } = await connection.send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = (await connection.send('Target.attachToTarget', { targetId, flatten: true })) as { sessionId: string };
  const send = (method: string, params?: Record<string, unknown>) => connection.send(method, params, sessionId);
  const { width, height = 900, phone = false, dark = false } = options;
  await Promise.all(['Page.enable', 'Runtime.enable', 'Log.enable', 'Network.enable'].map((method) => send(method)));
  await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: phone ? 2 : 1, mobile: phone });
  await send('Emulation.setTouchEmulationEnabled', { enabled: phone });
  await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }] });
  await send('Page.navigate', { url });
  await loaded;
  const encoded = async (method: string, params: Record<string, unknown>) => Buffer.from((await send(method, params)).data as string, 'base64');
  return {
    errors,
    requests,
    evaluate: async (expression) => {
      const answer = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      if (answer.exceptionDetails !== undefined) throw new Error(JSON.stringify(answer.exceptionDetails));
      return (answer.result as { value?: unknown }).value;
    },
    screenshot: () => encoded('Page.captureScreenshot', { format: 'png', captureBeyondViewport: false }),
    pdf: () => encoded('Page.printToPDF', { printBackground: true, preferCSSPageSize: true }),
  };
}
