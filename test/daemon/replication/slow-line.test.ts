// Two name servers behind a line that is slower than what waits for it, on real sockets. test/sim/narrow-line.test.ts
// has the same at 64 kbit/s in virtual time.

import test from 'ava';
import { freePort } from '../../fixture/free-port.ts';
import { startTestServer, type TestServer } from '../../fixture/name-server.ts';
import { Direction, openSlowLine } from '../../fixture/slow-line.ts';
import { TcpClient } from '../../fixture/tcp-client.ts';

/** A full batch, 64 KiB, takes longer than the 7.5 s of silence that end a connection at this TTL. */
const bytesPerSecond = 8_000;
const ttlMs = 1_800_000;

const ips = ['127.0.8.83', '127.0.8.84'] as const;
const hosts = 2_000;

/** Bytes between two heartbeats: a few seconds of the line. */
const longest = 24_576;

/** Records as long as they may be. */
const nodeId = 'n'.repeat(64);

async function registerAll(server: TestServer): Promise<void> {
  const client = await TcpClient.open(server.port, {
    host: server.settings.interface,
    from: '127.0.9.1',
  });
  let requests = '';
  for (let port = 1; port <= hosts; port++) requests += `alive ${nodeId} ${port}\n`;
  client.send(requests);
  while (client.received.length < hosts * 'ok\n'.length)
    await client.read(1, client.received.length);
  client.destroy();
}

test('slow line › heartbeats overtake a backlog that takes longer than a peer may be silent', async (t) => {
  t.timeout(150_000);
  const directions = [new Direction(t, bytesPerSecond), new Direction(t, bytesPerSecond)] as const;
  const ports = await Promise.all(ips.map(() => freePort()));
  const fronts = await Promise.all(
    ips.map((address, at) =>
      openSlowLine(
        t,
        { address, port: ports[at] as number },
        { there: directions[at as 0 | 1], back: directions[(1 - at) as 0 | 1] },
      ),
    ),
  );
  const open = (at: 0 | 1) =>
    startTestServer(t, {
      settings: {
        interface: ips[at],
        ttlMs,
        port: ports[at] as number,
        nameServers: [fronts[1 - at] as string],
      },
    });
  const first = await open(0);
  await registerAll(first);
  const second = await open(1);
  const status = await second.until(({ hosts: { live } }) => live === hosts);
  t.is(status.peers[0]?.state, 'alive');
  const ofData = directions
    .flatMap(({ streams }) => streams)
    .filter(({ length }) => length > hosts * nodeId.length);
  t.is(ofData.length, 1);
  const between = (ofData[0] as string).split(/^beat .*\n/m).map(({ length }) => length);
  t.true(Math.max(...between) <= longest, `${Math.max(...between)} bytes between two heartbeats`);
  for (const server of [first, second]) {
    const lines = server.logged.map(({ msg }) => String(msg));
    t.deepEqual(
      lines.filter((line) => /was silent for|dialling again/.test(line)),
      [],
      'no connection was given up',
    );
  }
});
