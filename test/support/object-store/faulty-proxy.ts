import { createServer, request as send, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that reached the proxy. */
export interface ProxiedRequest {
  readonly method: string;
  /** `/bucket/prefix/name`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: number;
  /** Status that the client was given; 0 while there is none, or when the connection was cut. */
  status: number;
}

/** What goes wrong with a request: nothing reaches the server; the answer is another one; it is cut; it comes late or edited. */
export type Fault =
  | { readonly kind: 'drop' }
  | { readonly kind: 'answer'; readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'cut'; readonly afterBytes: number }
  | { readonly kind: 'wait'; readonly until: Promise<unknown> }
  | { readonly kind: 'edit'; readonly edit: (headers: Record<string, string | string[] | undefined>) => void };

export interface FaultyProxy {
  readonly endpoint: string;
  readonly requests: ProxiedRequest[];
  /** Decides for each request; none by default. */
  fault: (request: ProxiedRequest) => Fault | undefined;
  stop(): void;
}

/** An S3 error as a store writes it. */
export function errorBody(code: string, message = code, more = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message>${more}<RequestId>1</RequestId></Error>`;
}

/** Stands between the client and a server on loopback, remembers all requests, and spoils those it is told to. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const proxy: { -readonly [K in keyof FaultyProxy]: FaultyProxy[K] } = { endpoint: '', requests: [], fault: () => undefined, stop: () => undefined };
  const server = createServer((incoming, outgoing) => {
    // The client went away: nothing is left to answer.
    outgoing.on('error', () => undefined);
    void relay(proxy, target, incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  proxy.stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return proxy;
}

async function relay(proxy: FaultyProxy, target: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const url = new URL(incoming.url ?? '/', target);
  const seen: ProxiedRequest = { method: incoming.method ?? '', path: decodeURIComponent(url.pathname), query: url.searchParams, headers: incoming.headers, bytes: body.length, status: 0 };
  proxy.requests.push(seen);
  const fault = proxy.fault(seen);
  if (fault?.kind === 'drop') return void incoming.socket.destroy();
  if (fault?.kind === 'answer') {
    seen.status = fault.status;
    outgoing.writeHead(fault.status, { 'content-type': 'application/xml', ...fault.headers }).end(incoming.method === 'HEAD' ? undefined : (fault.body ?? ''));
    return;
  }
  if (fault?.kind === 'wait') await fault.until;

  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    send(url, { method: incoming.method, headers: incoming.headers }, resolve).on('error', reject).end(body);
  });
  const headers: Record<string, string | string[] | undefined> = { ...answer.headers };
  if (fault?.kind === 'edit') fault.edit(headers);
  outgoing.writeHead(answer.statusCode ?? 502, headers);
  let passed = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    if (fault?.kind === 'cut' && passed + chunk.length > fault.afterBytes) {
      outgoing.write(chunk.subarray(0, fault.afterBytes - passed), () => incoming.socket.destroy());
      return;
    }
    passed += chunk.length;
    outgoing.write(chunk);
  }
  if (fault?.kind === 'cut') return void incoming.socket.destroy();
  seen.status = answer.statusCode ?? 0;
  outgoing.end();
}
