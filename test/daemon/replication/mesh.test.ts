// The mesh as a transport, in the clear and with a secret: the accepting side is what clients/connection.ts does with
// a connection whose first line begins with `sync`.
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';
import { Membership } from '../../../daemon/core/sync/membership.ts';
import { membershipTimes } from '../../../daemon/core/sync/peer.ts';
import { createLog } from '../../../daemon/log.ts';
import { SecureChannel } from '../../../daemon/net/secure-channel.ts';
import { Mesh } from '../../../daemon/replication/mesh.ts';
import type { TransportOwner } from '../../../daemon/replication/transport.ts';
import { Secret } from '../../../shared/config/secret.ts';
import { HostNames } from '../../../shared/host-names.ts';
import { freePort } from '../../fixture/free-port.ts';
import { conformance, type Station } from './transport-conformance.ts';

const log = createLog('error');

const ips = ['127.0.0.2', '127.0.0.3'] as const;

/** Gives a connection to the mesh when its first line is there. */
function greet(mesh: Mesh, socket: Socket, isEncrypted: boolean): void {
  socket.on('error', () => {});
  const read = () => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    socket.off('readable', read);
    const end = chunk.indexOf('\n');
    const entry = mesh.greeted(
      socket.remoteAddress ?? '',
      chunk.toString('latin1', 0, end),
      isEncrypted,
    );
    if ('code' in entry) throw new Error(entry.text);
    if (end + 1 < chunk.length) socket.unshift(chunk.subarray(end + 1));
    entry.takeOver(socket);
  };
  socket.on('readable', read);
}

function two(channel: SecureChannel) {
  return async (t: ExecutionContext, owners: readonly [TransportOwner, TransportOwner]) => {
    const port = await freePort();
    const stations = ips.map(async (ip, index): Promise<Station> => {
      const mesh = new Mesh(
        {
          links: 64,
          membership: new Membership(
            `server-${index}`,
            ips.filter((each) => each !== ip).map((each) => `${each}:${port}`),
            membershipTimes(3_600_000),
          ),
          names: new HostNames(),
          moved: () => {},
          channel,
          from: ip,
          counters: { peersRefused: 0 },
          log,
        },
        owners[index] as TransportOwner,
      );
      const server = createServer((socket) => {
        t.teardown(() => socket.destroy());
        socket.on('error', () => {});
        if (channel.dialsPlain) {
          greet(mesh, socket, false);
          return;
        }
        const secured: Socket = channel.accept(socket, {
          completed: () => greet(mesh, secured, true),
          failed: (reason) => t.fail(reason),
        });
      });
      server.listen(port, ip);
      t.teardown(() => {
        mesh.close();
        server.close();
      });
      await once(server, 'listening');
      return { transport: mesh, address: `${ip}:${port}`, id: `server-${index}` };
    });
    return Promise.all(stations) as Promise<[Station, Station]>;
  };
}

conformance({
  name: 'mesh in the clear',
  isEncrypted: false,
  reachesAll: false,
  two: two(new SecureChannel(null)),
});

conformance({
  name: 'mesh with a secret',
  isEncrypted: true,
  reachesAll: false,
  two: two(new SecureChannel(new Secret('correct horse battery staple'))),
});
