// Hosts that register by a datagram: they are pinged by datagrams, here, after a restart and by the other name servers.
import test from 'ava';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { LossyLine } from '../../fixture/lossy-line.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { seed } from '../../fixture/random.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { UdpClient } from '../../fixture/udp-client.ts';

const service = { service: 2 } as const;

/** A node that answers pings over UDP only, registered there. */
async function startNode(
  t: Parameters<typeof UdpClient.open>[0],
  port: number,
  options: Parameters<typeof UdpClient.open>[2] = {},
): Promise<UdpClient> {
  const node = await UdpClient.open(t, port, options);
  node.nodeId = 'node';
  t.is(await node.ask(`alive node ${node.localPort} cookie=${await node.cookie()}\n`), 'ok\n');
  return node;
}

test('datagram hosts › one is pinged by datagrams, also after a restart, and deleted when it answers none', async (t) => {
  const folder = makeFolder(t);
  const settings = { ...service, ttlMs: 2_000, port: await freePort() };
  const first = await startTestServer(t, { folder, settings });
  const node = await startNode(t, first.port);
  // Proves that pings arrive when the node answers none any more.
  await startNode(t, first.port);
  const console = await first.attach();
  t.like(await console.host(node.address), { nodeId: 'node', dialect: 'udp' });
  t.like(await console.ping(node.address), { answered: true });
  const { counters } = await first.until((status) => status.counters.pingsAnswered > 2);
  t.is(counters.expired, 0);
  // It asked over TCP as well, as for a list that is too long for a datagram.
  t.regex(await exchange(first.port, `query node ${node.localPort}\n`), /^hosts .*\nend 1 /);
  t.like(await console.host(node.address), { dialect: 'udp' });
  await first.close();

  const second = await startTestServer(t, { folder, settings });
  t.like(await (await second.attach()).host(node.address), { dialect: 'udp' });
  await second.until((status) => status.counters.pingsAnswered > 2);
  t.is((await second.status()).counters.expired, 0);
  node.nodeId = null;
  await second.until((status) => status.counters.expired === 1);
  await t.throwsAsync(async () => (await second.attach()).host(node.address));
  t.is((await second.status()).hosts.live, 1);
});

test('datagram hosts › the other name servers learn how to ping it, and deltas name it like any host', async (t) => {
  const hosts = ['127.0.0.2', '127.0.0.3'] as const;
  const port = await freePort();
  const servers = [];
  for (const [index, host] of hosts.entries())
    servers.push(
      await startTestServer(t, {
        settings: {
          ...service,
          interface: host,
          port,
          nameServers: [`${hosts[1 - index]}:${port}`],
        },
      }),
    );
  const node = await startNode(t, port, { host: hosts[0], from: '127.0.9.1' });
  const console = await servers[1]?.attach();
  const known = await lookUntil(
    async () => (await console?.page({}))?.rows ?? [],
    (rows) => rows.length === 1,
  );
  t.like(known[0], { address: node.address, nodeId: 'node', dialect: 'udp' });
  t.like(await console?.ping(node.address), { answered: true });
  t.is(node.pings, 1);
});

test('datagram hosts › a node behind a NAT that changes its port needs no new cookie, and is listed as before', async (t) => {
  const { port, status } = await startTestServer(t, { settings: service });
  const node = await UdpClient.open(t, port);
  const cookie = await node.cookie();
  t.is(await node.ask(`alive node 4000 cookie=${cookie}\n`), 'ok\n');
  const rebound = await UdpClient.open(t, port);
  t.not(rebound.localPort, node.localPort);
  t.is(await rebound.ask(`alive node 4000 cookie=${cookie}\n`), 'ok\n');
  const { hosts, counters } = await status();
  t.deepEqual([hosts.live, counters.registered, counters.refreshed], [1, 1, 1]);
});

test('datagram hosts › another node takes the address of one only when that does not answer its pings', async (t) => {
  const server = await startTestServer(t, { settings: { ...service, ttlMs: 60_000 } });
  const node = await startNode(t, server.port);
  const console = await server.attach();
  await exchange(server.port, `alive other ${node.localPort}\n`);
  await server.until(({ counters }) => counters.takeoversRefused === 1);
  t.like(await console.host(node.address), { nodeId: 'node', dialect: 'udp' });
  const cookie = await node.cookie();
  t.is(await node.ask(`alive other ${node.localPort} cookie=${cookie}\n`), 'ok\n');
  node.nodeId = 'other';
  await server.until(({ counters }) => counters.takeovers + counters.takeoversRefused === 2);
  t.like(await console.host(node.address), { nodeId: 'other', dialect: 'udp' });
});

test('datagram hosts › none is deleted on a line that loses, doubles and reorders pings and answers', async (t) => {
  t.log(`SEED=${seed}`);
  const server = await startTestServer(t, { settings: { ...service, ttlMs: 1_000 } });
  const hosts = 20;
  for (let index = 1; index <= hosts; index++) {
    const ip = `127.0.11.${index}`;
    const node = await UdpClient.open(t, server.port, { from: ip });
    node.nodeId = 'node';
    const quality = { loss: 0.1, duplication: 0.1, reordering: 0.3, seed: seed + index };
    await LossyLine.open(t, `${ip}:4000`, node.address, quality);
    t.is(await node.ask(`alive node 4000 cookie=${await node.cookie()}\n`), 'ok\n');
  }
  const { counters } = await server.until(({ counters }) => counters.pingsAnswered >= 10 * hosts);
  const { pingsSent, pingsAnswered, expired } = counters;
  t.is(expired, 0);
  t.is((await server.status()).hosts.live, hosts);
  t.log(`${pingsSent} pings, ${pingsAnswered} answered`);
});
