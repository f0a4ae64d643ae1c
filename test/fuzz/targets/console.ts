// The IPC socket, as consoles and whoever else may open it use it: JSON-RPC in frames with a header. A session answers
// or closes; it never throws, and a request that is no request reaches no service.
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { IpcService } from '../../../daemon/console/service.ts';
import { Session } from '../../../daemon/console/session.ts';
import { ipcProtocol } from '../../../shared/ipc/contract.ts';
import type { Target } from '../target.ts';

function frame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
}

let serial = 0;

function request(method: string, params: unknown): Buffer {
  return frame({ jsonrpc: '2.0', id: ++serial, method, params });
}

const hello = request('hello', { protocol: ipcProtocol, client: 'fuzz', version: '0' });

/** Every method is there and answers the same; what matters is what comes to it. */
const service = new Proxy({} as IpcService, {
  get: (_service, name) => () =>
    String(name).endsWith('After') ? [] : { server: {}, selfPreservation: {}, rows: [] },
});

/** Turns of the event loop within which every message of an input has been handled. */
const turns = 6;

const ipc: Target = {
  name: 'ipc',
  seeds: [
    Buffer.concat([hello, request('status', {})]),
    Buffer.concat([
      hello,
      request('hosts/page', { filter: 'a', limit: 10, sort: { by: 'address', descending: true } }),
    ]),
    Buffer.concat([hello, request('hosts/get', { address: '10.0.0.1:4000' })]),
    Buffer.concat([hello, request('config/check', { edits: [{ name: 'Backlog', value: '7' }] })]),
    Buffer.concat([
      hello,
      request('log', { after: 0, level: 'info' }),
      request('backlog/close', { id: '1-2' }),
    ]),
    Buffer.concat([
      hello,
      request('subscribe', {}),
      frame({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 1 } }),
    ]),
  ],
  words: [
    'Content-Length: ',
    '\r\n',
    '\r\n\r\n',
    '"id":',
    '"method":"',
    '"params":',
    'null',
    '[]',
    '{}',
    '"__proto__":',
    '1e999',
    '-1',
    '\\u0000',
  ],
  mostBytes: 2_048,
  async run(input) {
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    const session = new Session(socket as unknown as Socket, { service, refusal: () => null });
    socket.push(input);
    for (let i = 0; i < turns; i++) await turn();
    session.tick(0);
    session.close();
  },
};

export const consoleTargets: readonly Target[] = [ipc];
