// Name servers as processes, Backlog=8, and slow clients that keep places in it: newcomers are served
// where there is room, nobody is sent to and fro, and a server that is drained or stops sends on.
import test, { type ExecutionContext } from 'ava';
import { createNode } from '../../../shared/node/node.ts';
import { holdSlowClients, openSlowClients } from '../../fixture/slow-clients.ts';
import { exchange, TcpClient } from '../../fixture/tcp-client.ts';
import { Daemons } from '../daemons.ts';
import type { Running } from '../program.ts';

/** Starts that many, which have heard from each other; `running` are their processes. */
async function startFleet(t: ExecutionContext, count: number) {
  const ips = ['127.0.0.2', '127.0.0.3', '127.0.0.4'].slice(0, count);
  const daemons = await Daemons.prepare(t, ips, ['Backlog=8']);
  const running: Running[] = [];
  for (const index of ips.keys()) running.push(await daemons.start(index));
  for (const index of ips.keys()) await untilReported(daemons, index, Array(count - 1).fill(0));
  return { daemons, running };
}

/** The server has these reports of the others' backlogs. */
function untilReported(daemons: Daemons, index: number, backlogs: number[]) {
  return daemons.statusUntil(
    index,
    ({ peers }) =>
      peers.map(({ load, lag }) => (lag === null ? null : load?.backlog)).join() ===
      backlogs.join(),
  );
}

function fill(t: ExecutionContext, daemons: Daemons, index: number, count: number) {
  const { port, ips } = daemons;
  return openSlowClients(t, count, { port, host: ips[index] as string });
}

interface Journey {
  hops: number;
  /** its last reply's last line, without what differs */
  outcome: string;
}

/** Asks as a client does that follows each redirect, wherever it leads. */
async function travel(daemons: Daemons, index: number, client: number): Promise<Journey> {
  let host = daemons.ips[index] as string;
  for (let hops = 0; ; hops++) {
    const from = `127.0.9.${client + 1}`;
    const hop = Math.min(hops, 3);
    const reply = await exchange(daemons.port, `query n-${client} 4000 hop=${hop}\n`, {
      host,
      from,
    });
    const [, next] = /^redirect (.+):\d+\n$/.exec(reply) ?? [];
    if (next === undefined || hops === 20)
      return { hops, outcome: /(busy|end)(?=[^\n]*\n$)/.exec(reply)?.[0] ?? reply };
    host = next;
  }
}

test.serial(
  'redirect › newcomers go from a loaded server to the less loaded one, and get their list there',
  async (t) => {
    t.timeout(60_000);
    const { daemons } = await startFleet(t, 3);
    const address = (index: number) => `${daemons.ips[index]}:${daemons.port}`;
    t.is(
      await exchange(daemons.port, 'alive known 5000\n', { host: '127.0.0.2', from: '127.0.9.9' }),
      'ok\n',
    );
    await daemons.statusUntil(2, ({ hosts }) => hosts.live === 1);
    await fill(t, daemons, 1, 3);
    await fill(t, daemons, 0, 7);
    await untilReported(daemons, 0, [3, 0]);
    const nodes = ['127.0.9.1:0', '127.0.9.2:0'].map((listen) =>
      createNode({ listen, servers: [address(0)] }),
    );
    t.teardown(() => Promise.all(nodes.map((node) => node.close())));
    for (const node of nodes) t.true(await node.join());
    t.deepEqual(
      nodes.map(({ server }) => server),
      [address(2), address(2)],
    );
    t.deepEqual(nodes[1]?.hosts().toSorted(), [nodes[0]?.address, '127.0.9.9:5000']);
    const { redirects, counters } = await daemons.statusUntil(0, ({ hosts }) => hosts.live >= 3);
    t.deepEqual(redirects, { total: 2, targets: [{ address: address(2), count: 2 }] });
    t.is(counters.busy, 0);
  },
);

test.serial('redirect › two full servers do not redirect to each other', async (t) => {
  t.timeout(60_000);
  const { daemons } = await startFleet(t, 2);
  // With six, a newcomer makes a server loaded. With seven, one that comes before the last one's place is free would
  // displace a slow client, and the other server might rightly redirect here.
  for (const index of daemons.ips.keys()) holdSlowClients(t, await fill(t, daemons, index, 6));
  await untilReported(daemons, 0, [6]);
  await untilReported(daemons, 1, [6]);
  const journeys = await Promise.all(
    [...daemons.ips.keys()].map(async (index) => {
      const made: Journey[] = [];
      for (let client = 0; client < 30; client++) made.push(await travel(daemons, index, client));
      return made;
    }),
  );
  t.deepEqual(journeys.flat(), Array(60).fill({ hops: 0, outcome: 'end' }));
});

test.serial(
  'redirect › a crowd at two servers with little room is redirected once at most',
  async (t) => {
    t.timeout(60_000);
    const { daemons } = await startFleet(t, 2);
    holdSlowClients(t, await fill(t, daemons, 0, 6));
    holdSlowClients(t, await fill(t, daemons, 1, 3));
    await untilReported(daemons, 0, [3]);
    // In the crowd perhaps nobody is: the second server may be loaded before the first one has read a request.
    t.deepEqual(await travel(daemons, 0, 100), { hops: 1, outcome: 'end' });
    const journeys = await Promise.all(
      Array.from({ length: 100 }, (_, client) => travel(daemons, client % 2, client)),
    );
    const most = Math.max(...journeys.map(({ hops }) => hops));
    const of = (word: string) => journeys.filter(({ outcome }) => outcome === word).length;
    t.log(`${of('end')} lists, ${of('busy')} busy, at most ${most} hops`);
    t.is(of('end') + of('busy'), 100);
    t.true(most <= 1);
  },
);

test.serial(
  'redirect › an operator drains a server, and no node is redirected to a peer that died',
  async (t) => {
    t.timeout(60_000);
    const { daemons } = await startFleet(t, 2);
    const [host, peer] = [daemons.ips[0] as string, `${daemons.ips[1]}:${daemons.port}`];
    const ask = (request: string) => exchange(daemons.port, request, { host, from: '127.0.9.1' });
    const console = await daemons.attach(0);
    t.is((await console.drain(peer)).mode, 'chosen');
    t.is(await ask('alive a 4000\n'), `redirect ${peer}\n`);
    await daemons.kill(1);
    await daemons.statusUntil(0, ({ peers: [each] }) => each?.lag === null);
    t.is(await ask('alive a 4000\n'), 'ok\n', 'at once, not when the peer counts as down');
    await daemons.start(1);
    // The status still shows its last report before it died, which was 0.
    await fill(t, daemons, 1, 1);
    await untilReported(daemons, 0, [1]);
    t.is(await ask('query a 4000\n'), `redirect ${peer}\n`);
    await console.undrain();
    t.regex(await ask('query a 4000\n'), /^end 0 /);
    const { recent, total } = await console.redirects();
    t.is(total, 2);
    t.deepEqual(
      recent.map(({ asker, to, why, seq }) => ({ asker, to, why, seq })),
      [1, 2].map((seq) => ({ asker: '127.0.9.1:4000', to: peer, why: 'chosen', seq })),
    );
  },
);

test.serial(
  'redirect › a stopping server redirects nodes until all requests that have begun are answered',
  async (t) => {
    t.timeout(60_000);
    const { daemons, running } = await startFleet(t, 2);
    const [host, other] = daemons.ips as [string, string];
    const redirect = `redirect ${other}:${daemons.port}\n`;
    const { child, ended } = running[0] as Running;
    const [slow] = await fill(t, daemons, 0, 1);
    const kept = await TcpClient.open(daemons.port, { host, from: '127.0.9.1' });
    const pong = await kept.ask('ping\n');
    child.kill('SIGTERM');
    await daemons.statusUntil(1, ({ peers: [each] }) => each?.load?.limit === 0);
    t.is(await exchange(daemons.port, 'query a 4000\n', { host, from: '127.0.9.1' }), redirect);
    t.is(await exchange(daemons.port, 'ping\n', { host }), pong);
    kept.send('alive kept 4000\n');
    t.is(await kept.closed, `${pong}${redirect}`);
    slow?.send('00\n');
    t.is(await slow?.closed, `${pong}${redirect}`);
    const { code, stdout } = await ended;
    t.is(code, 0);
    t.regex(stdout, /nodes are redirected to the other name servers until this one stops/);
    t.regex(stdout, /stopped; 0 requests in flight answered/);
  },
);

test.serial('redirect › a second signal to stop ends a server at once', async (t) => {
  t.timeout(60_000);
  const { daemons, running } = await startFleet(t, 2);
  const { child, ended, line } = running[0] as Running;
  await fill(t, daemons, 0, 1);
  child.kill('SIGTERM');
  await line(/nodes are redirected to the other name servers/);
  child.kill('SIGINT');
  t.is((await ended).code, 1);
});
