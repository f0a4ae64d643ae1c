// A store as ddnsd has it, with a log that a reader keeps from being shortened and that has reached its limit: with the
// first registrations a new file is written. Whoever connects is registered at the address that it comes from.
// Arguments: the database, which has hosts, and the port.
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import Database from 'better-sqlite3';
import { HostStore, loadRegistry } from '../../daemon/store/host-store.ts';
import { recordsOf, register } from '../fixture/registry.ts';

/** Registrations answered before the new file is there; the others wait for it. */
const early = 6;

const [file = '', port = ''] = process.argv.slice(2);
const log = { info: () => {}, warn: () => {} } as never;

const store = new HostStore(file, undefined, { told: 1, most: 1 });
const registry = loadRegistry(store, 20_000, Date.now(), log);
const reader = new Database(file, { readonly: true });
reader.exec('BEGIN');
reader.prepare('SELECT * FROM host_rows LIMIT 1').get();
for (const { address } of recordsOf(registry, registry.live))
  register(registry, address, { nodeId: 'another', now: Date.now() });
store.commit(registry);
store.checkpoint();

const mended = once(store, 'mended');
let connected = 0;
const server = createServer(async (socket: Socket) => {
  if (++connected > early) await mended;
  register(registry, `${socket.remoteAddress}:${socket.remotePort}`, { now: Date.now() });
  store.commit(registry);
  socket.end('ok\n');
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('is ready\n'));
process.stdin.resume().once('end', () => {
  server.close();
  reader.close();
  store.close();
});
