// Datagrams at servers that have little room, or none, or are drained: what they are told, and who is served meanwhile.
import test from 'ava';
import { DatagramRequests } from '../../../daemon/clients/datagram-requests.ts';
import { Admission } from '../../../daemon/core/admission/admission.ts';
import { ReplyMaker } from '../../../daemon/core/query/reply-maker.ts';
import { Registry } from '../../../daemon/core/registry/registry.ts';
import { GroupCommit } from '../../../daemon/group-commit.ts';
import { createCounters } from '../../../shared/counters.ts';
import { packAddress } from '../../../shared/protocol/address.ts';
import { createCookieKey, SourceCookies } from '../../../shared/protocol/source-cookies.ts';
import { freePort } from '../../fixture/free-port.ts';
import { startTestServer, type TestServer } from '../../fixture/name-server.ts';
import { openDeafClients, openSlowClients } from '../../fixture/slow-clients.ts';
import { UdpClient } from '../../fixture/udp-client.ts';

const hosts = ['127.0.0.2', '127.0.0.3'] as const;

/** Two servers that know each other, with a backlog of 8 and deadlines that stand still. */
async function startPair(t: Parameters<typeof startTestServer>[0]) {
  const port = await freePort();
  const servers: TestServer[] = [];
  for (const [index, host] of hosts.entries())
    servers.push(
      await startTestServer(t, {
        monotonic: () => 0,
        settings: {
          service: 2,
          interface: host,
          port,
          backlog: 8,
          nameServers: [`${hosts[1 - index]}:${port}`],
        },
      }),
    );
  for (const server of servers)
    await server.until(({ peers: [peer] }) => peer?.load?.limit === 8 && peer.lag === 0);
  const client = await UdpClient.open(t, port, { host: hosts[0], from: '127.0.9.1' });
  const cookie = await client.cookie();
  return {
    port,
    server: servers[0] as TestServer,
    at: { port, host: hosts[0] },
    ask: (text: string) => client.ask(`${text} cookie=${cookie}\n`),
  };
}

test.serial(
  'datagram load › a loaded server redirects newcomers, and serves the others',
  async (t) => {
    const { server, port, at, ask } = await startPair(t);
    t.is(await ask('alive known 5000'), 'ok\n');
    await openSlowClients(t, 6, at);
    t.is(await ask('query new 4000 id=x'), `id x\nredirect 127.0.0.3:${port}\n`);
    t.regex(
      await ask('query new 4000 hop=2'),
      /^hosts 127\.0\.9\.1:5000\nend 1 \S+ (partial|full)\n$/,
    );
    t.regex(await ask('have 127.0.9.1:5000\nquery b 4002'), /^end |^hosts /);
    t.is(await ask('alive c 4003'), 'ok\n');
    const { counters } = await server.status();
    t.deepEqual([counters.redirected, counters.busy], [1, 0]);
    const { recent } = await (await server.attach()).redirects();
    t.like(recent[0], { asker: '127.0.9.1:4000', dialect: 'udp', why: 'load' });
  },
);

test.serial('datagram load › incomplete requests over TCP give way to a datagram', async (t) => {
  const server = await startTestServer(t, { settings: { service: 2, backlog: 2 } });
  const at = { port: server.port, host: '127.0.0.1' };
  const slow = await openSlowClients(t, 2, at);
  const client = await UdpClient.open(t, server.port);
  const cookie = await client.cookie();
  t.is(await client.ask(`alive a 4000 cookie=${cookie}\n`), 'ok\n');
  t.regex((await slow[0]?.closed) ?? '', /busy [1-5]\n$/);
  t.is((await server.status()).counters.displaced, 1);
});

test.serial(
  'datagram load › a backlog full of complete requests redirects, or is busy, and registers nobody',
  async (t) => {
    t.timeout(60_000);
    const { server, port, at, ask } = await startPair(t);
    await openDeafClients(t, 8, at, await server.attach());
    const { live } = (await server.status()).hosts;
    const redirect = `redirect 127.0.0.3:${port}\n`;
    t.is(await ask('query a 4000'), redirect);
    t.is(await ask('alive a 4000'), redirect);
    t.regex(await ask('query a 4000 hop=3'), /^busy [1-5]\n$/);
    t.regex(await ask('leave a 4000 id=l'), /^id l\nbusy [1-5]\n$/);
    const { hosts: now, backlog, counters } = await server.status();
    t.deepEqual([now.live, backlog.current, counters.busy], [live, 8, 2]);
  },
);

test.serial('datagram load › a drained server redirects datagrams, too', async (t) => {
  const { server, port, ask } = await startPair(t);
  await (await server.attach()).drain();
  t.is(await ask('alive a 4000'), `redirect 127.0.0.3:${port}\n`);
});

test.serial(
  'datagram load › a retransmission that comes before the answer is carried out once',
  async (t) => {
    const server = await startTestServer(t, { settings: { service: 2 } });
    const client = await UdpClient.open(t, server.port);
    const cookie = await client.cookie();
    const request = `alive a 4000 cookie=${cookie} id=same\n`;
    for (let i = 0; i < 20; i++) client.send(request);
    client.send(`alive b 4001 cookie=${cookie} id=last\n`);
    const replies: string[] = [];
    while (replies.at(-1) !== 'id last\nok\n') replies.push(await client.read());
    t.deepEqual(new Set(replies), new Set(['id same\nok\n', 'id last\nok\n']));
    const { counters } = await server.status();
    t.is(counters.alives, replies.length);
    t.true(replies.length < 20, 'those that came together are one request');
  },
);

test('datagram load › of one source 32 wait for their commit, and others wait beside them', (t) => {
  const counters = createCounters();
  const admission = new Admission({ backlog: 100, limit: 1_000 });
  const cookies = new SourceCookies(createCookieKey(), () => 0);
  const roster = new Registry({ maxHosts: 10, server: 's' });
  const requests = new DatagramRequests(
    {
      admission,
      counters,
      // Nothing is decided, and so nothing is answered.
      ask: () => {},
      groupCommit: new GroupCommit({ persist: () => null, arrivals: () => 0 }),
      replies: new ReplyMaker({ roster, serverId: 's', epoch: 'e', random: Math.random }),
      refused: () => t.fail('nothing is refused'),
    },
    cookies,
    () => 0,
  );
  const send = (from: string, count: number) => {
    const ip = packAddress(from, 1) as Uint32Array;
    const cookie = cookies.make(ip);
    for (let i = 0; i < count; i++)
      requests.receive(
        Buffer.from(`alive n${i} ${4_000 + i} cookie=${cookie}\n`),
        { from, port: 1, ip },
        () => t.fail('nothing is answered'),
      );
  };
  send('192.0.2.1', 40);
  t.deepEqual([admission.backlog, counters.datagramsIgnored], [32, 8]);
  send('192.0.2.2', 3);
  t.deepEqual([admission.backlog, counters.datagramsIgnored], [35, 8]);
});
