// Two name servers on loopback, which has no way to a host on the network: neither can send it a ping.
import test from 'ava';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { startHost } from '../../fixture/loopback-host.ts';
import { startTestServer, type TestServer } from '../../fixture/name-server.ts';
import { exchange } from '../../fixture/tcp-client.ts';

const ips = ['127.0.8.87', '127.0.8.88'] as const;

test('unable peer › a server that can send no pings says so on its own console, in its log, and on those of its peers', async (t) => {
  const port = await freePort();
  const nameServers = ips.map((ip) => `${ip}:${port}`);
  const servers: TestServer[] = [];
  for (const ip of ips)
    servers.push(
      await startTestServer(t, { settings: { interface: ip, port, nameServers, ttlMs: 2_000 } }),
    );
  const [first] = servers as [TestServer, TestServer];
  for (const server of servers) await server.until(({ peers: [peer] }) => peer?.lag === 0);
  const console = await first.attach();
  await console.importHosts({
    hosts: [
      {
        address: '192.0.2.1:4000',
        nodeId: 'far',
        dialect: 'native',
        firstSeen: 1,
        lastSeen: Date.now(),
      },
    ],
    more: false,
  });
  for (const server of servers) {
    await server.until(
      ({ peers: [peer], expiry }) =>
        expiry.cannotJudge === 'ipv4' &&
        /^cannot judge IPv4 hosts: it cannot send pings to them/.test(peer?.trouble ?? ''),
    );
    const told = (what: RegExp) => server.logged.filter(({ msg }) => what.test(String(msg))).length;
    // More than once where the machine is so busy that a ping cycle of this TTL, 80 ms, passes between two looks.
    for (const what of [
      /^IPv4 hosts cannot be pinged from here/,
      /^peer \S+ cannot judge IPv4 hosts/,
    ])
      await lookUntil(
        () => told(what),
        (count) => count > 0,
      );
  }
  t.is((await first.status()).hosts.live, 1, 'nobody could judge it');

  // A host on loopback can be pinged.
  const near = await startHost(t, 'near');
  for (const ip of ips) await exchange(port, `alive near ${near}\n`, { host: ip });
  for (const server of servers)
    await server.until(
      ({ peers: [peer], expiry }) => expiry.cannotJudge === null && peer?.trouble === null,
    );
});
