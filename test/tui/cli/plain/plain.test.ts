import { PassThrough } from 'node:stream';
import test from 'ava';
import type { IpcClient } from '../../../../shared/ipc/client.ts';
import type { Host, HostsPage, PageQuery } from '../../../../shared/ipc/contract.ts';
import type { Status } from '../../../../shared/ipc/status-contract.ts';
import { statusLine } from '../../../../tui/cli/plain/follow.ts';
import { jsonLine, plainLine, printHosts } from '../../../../tui/cli/plain/hosts.ts';
import { createOutput, type Output } from '../../../../tui/cli/plain/output.ts';
import { statusJson, statusText } from '../../../../tui/cli/plain/status.ts';
import { utc } from '../../../../tui/text/format.ts';
import {
  fixedHosts,
  fixedNow,
  fixedPeers,
  fixedShares,
  fixedStatus,
  fixedTotals,
} from '../../fixture-data.ts';

/** A daemon that answers pages of `hosts`, anchored by row number. */
function pages(hosts: readonly Host[]) {
  const asked: PageQuery[] = [];
  const page = async (query: PageQuery): Promise<HostsPage> => {
    asked.push(query);
    const from = query.anchor === undefined ? 0 : Number(query.anchor) + 1;
    const rows = hosts.slice(from, from + (query.limit ?? 100));
    return {
      rows,
      first: rows.length ? String(from) : null,
      last: rows.length ? String(from + rows.length - 1) : null,
      matched: hosts.length,
      before: from,
      revision: 1,
    };
  };
  return { asked, client: { page } as unknown as IpcClient };
}

function collector(limit = Number.POSITIVE_INFINITY): Output & { text(): string } {
  const parts: string[] = [];
  return {
    text: () => parts.join(''),
    write: async (part) => {
      parts.push(part);
      return parts.length < limit;
    },
  };
}

const options = {
  filter: 'node',
  sort: 'lastSeen',
  descending: true,
  limit: null,
  json: true,
  zone: utc,
} as const;

test('plain hosts › a JSON line has the members that scripts rely on, in their order', (t) => {
  const [host] = fixedHosts(1) as [Host];
  const at = new Date(Date.UTC(2026, 4, 1, 12));
  t.is(
    jsonLine({ ...host, firstSeen: at.getTime(), lastSeen: at.getTime() + 500 }),
    '{"address":"198.51.100.1:40000","nodeId":"node-001","firstSeen":"2026-05-01T12:00:00.000Z","lastSeen":"2026-05-01T12:00:00.500Z","state":"live","dialect":"native"}\n',
  );
  const dying = { ...host, state: 'condemned', owner: 'b1b3a7f2c40e4d11', failedPings: 3 } as const;
  t.true(
    jsonLine(dying).endsWith(
      '"state":"condemned","dialect":"native","owner":"b1b3a7f2c40e4d11","failedPings":3}\n',
    ),
  );
});

test('plain hosts › text is aligned, and what a node calls itself cannot reach the terminal', (t) => {
  const [host] = fixedHosts(1) as [Host];
  t.is(
    plainLine({ ...host, nodeId: 'a\u001b[2Jb', firstSeen: fixedNow, lastSeen: fixedNow }, utc),
    '198.51.100.1:40000     a\\x1b[2Jb                             2026-05-01 12:00:00  2026-05-01 12:00:00  live           native\n',
  );
  t.regex(plainLine({ ...host, state: 'suspect' }, utc), / {2}not answering {2}native\n$/);
});

test('plain hosts › every row of many pages is printed once, with filter and sort passed on', async (t) => {
  const hosts = fixedHosts(22_500);
  const { asked, client } = pages(hosts);
  const output = collector();
  await printHosts(client, options, output);
  t.is(output.text(), hosts.map(jsonLine).join(''));
  t.deepEqual(
    asked.map(({ anchor }) => anchor),
    [undefined, '9999', '19999', '22499'],
  );
  t.true(asked.every(({ filter }) => filter === 'node'));
  t.deepEqual(asked[0]?.sort, { by: 'lastSeen', descending: true });
});

test('plain hosts › a limit is kept across pages and asks for no more than it needs', async (t) => {
  const hosts = fixedHosts(22_500);
  const { asked, client } = pages(hosts);
  const output = collector();
  await printHosts(client, { ...options, limit: 10_003 }, output);
  t.is(output.text(), hosts.slice(0, 10_003).map(jsonLine).join(''));
  t.deepEqual(
    asked.map(({ limit }) => limit),
    [10_000, 3],
  );
});

test('plain hosts › nothing more is asked for once the reader has gone', async (t) => {
  const { asked, client } = pages(fixedHosts(30_000));
  await printHosts(client, options, collector(1));
  t.is(asked.length, 1);
});

test('output › waits while the reader is slow', async (t) => {
  const stream = new PassThrough({ highWaterMark: 4 });
  const output = createOutput(stream as unknown as NodeJS.WriteStream);
  let isWritten = false;
  const writing = output.write('more than four').then((goesOn) => {
    isWritten = true;
    return goesOn;
  });
  await new Promise((resolve) => setImmediate(resolve));
  t.false(isWritten);
  stream.resume();
  t.true(await writing);
});

test('output › a reader that goes away while it is waited for ends the waiting', async (t) => {
  const stream = new PassThrough({ highWaterMark: 4 });
  const output = createOutput(stream as unknown as NodeJS.WriteStream);
  const writing = output.write('more than four');
  stream.destroy(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }));
  t.false(await writing);
  t.false(await output.write('again'));
});

test('output › a terminal that shows ASCII gets ASCII, a pipe gets everything', async (t) => {
  const written = async (isTTY: boolean) => {
    const stream = Object.assign(new PassThrough(), { isTTY });
    const env = { TERM: 'xterm', LANG: 'C' };
    await createOutput(stream as unknown as NodeJS.WriteStream, env).write('node mü…\n');
    return String(stream.read());
  };
  t.is(await written(true), 'node m?~\n');
  t.is(await written(false), 'node mü…\n');
});

test('plain status › JSON has the members that scripts rely on', (t) => {
  const status = fixedStatus({
    storage: { state: 'degraded', file: '/db', reason: 'disk full', since: 0 },
  });
  const parsed = JSON.parse(statusJson(status));
  t.deepEqual(parsed.server, {
    ...status.server,
    startedAt: new Date(status.server.startedAt).toISOString(),
  });
  t.deepEqual(parsed.listen, { address: '192.0.2.1', port: 4524 });
  t.deepEqual(parsed.hosts, { live: 1_234, gone: 3, limit: 1_000_000 });
  t.deepEqual(parsed.backlog, { limit: 100, current: 12, peak: 57 });
  t.deepEqual(parsed.threads, { configured: 12, running: 1 });
  t.deepEqual(parsed.counters, status.counters);
  t.is(parsed.storage.since, '1970-01-01T00:00:00.000Z');
  t.deepEqual(parsed.expiry, {
    ...status.expiry,
    oldestSeen: new Date(fixedNow - 3_700_000).toISOString(),
  });
  t.deepEqual(parsed.redirecting, {
    ...status.redirecting,
    since: new Date(status.redirecting.since).toISOString(),
  });
  t.deepEqual(parsed.shares, {
    complete: true,
    servers: [{ id: '6fa90db6582c4147', address: '192.0.2.1:4524', hosts: 1_234 }],
  });
  t.deepEqual(parsed.peers, []);
  t.deepEqual(parsed.selfPreservation, {
    active: false,
    reason: null,
    since: new Date(fixedNow).toISOString(),
    overridden: false,
  });
  t.is(statusJson(status).split('\n').length, 2);
});

test('plain status › text has one aligned line for each fact', (t) => {
  const [alarms, server, process, listen] = statusText(fixedStatus(), fixedNow, utc).split('\n');
  t.is(alarms, 'alarms              none');
  t.is(server, 'server              6fa90db6582c4147 on alpha, version 1.2.3');
  t.is(process, 'process             4711, since 2026-05-01 09:46:00 UTC (2 h 14 min)');
  t.is(listen, 'listen              192.0.2.1:4524');
  const refused = { backlog: 14, registry: 0 };
  t.regex(
    statusText(fixedStatus({ refused, peers: fixedPeers() }), fixedNow, utc),
    /^alarms +backlog full: 14 requests refused in a minute; 192\.0\.2\.3:4524 suspect; /,
  );
  t.deepEqual(JSON.parse(statusJson(fixedStatus({ refused }))).alarms, [
    {
      about: 'backlog',
      severity: 'bad',
      text: 'backlog full: 14 requests refused in a minute',
    },
  ]);
  const text = statusText(fixedStatus(), fixedNow, utc);
  t.true(text.includes('threads             12 configured, 1 running\n'));
  t.true(text.includes('\ncounters since start\n  connections       5,210\n'));
});

test('plain status › text says what goes silent, and why nothing is deleted', (t) => {
  const line = (name: string, status: Status) =>
    statusText(status, fixedNow, utc)
      .split('\n')
      .find((text) => text.startsWith(`${name} `));
  t.is(
    line('expiry', fixedStatus()),
    'expiry              4 due, 2 not answering, 1 to be deleted, 3 pinging',
  );
  t.is(
    line('self-preservation', fixedStatus()),
    'self-preservation   off since 2026-05-01 12:00:00 UTC',
  );
  const active = { active: true, reason: 'canaries', since: fixedNow, overridden: false } as const;
  t.is(
    line('self-preservation', fixedStatus({ selfPreservation: active })),
    'self-preservation   deletions held back since 2026-05-01 12:00:00 UTC: fewer than half of the recently seen hosts answer; ends when half of them answer',
  );
});

test('plain status › text says how the other name servers are and who is sent to them', (t) => {
  const lines = (change: Partial<Status>) =>
    statusText(fixedStatus(change), fixedNow, utc)
      .split('\n')
      .filter((text) => /^(pings|oldest contact|peers|redirects) /.test(text));
  t.deepEqual(lines({}), [
    'pings               this server only',
    'oldest contact      1 h 1 min ago',
    'peers               no peers configured; list them under NameServers in ddns.conf',
    'redirects           0 since start; redirects only when the backlog fills',
  ]);
  t.deepEqual(
    lines({
      peers: fixedPeers(),
      expiry: { ...fixedStatus().expiry, servers: 3, oldestSeen: null },
      shares: fixedShares(),
      redirecting: { mode: 'drain', to: null, since: fixedNow, isLoaded: false },
      redirects: fixedTotals,
    }),
    [
      'pings               split among 3 name servers: this server 402 (33 %), 192.0.2.2:4524 425 (34 %), 192.0.2.3:4524 407 (33 %)',
      'oldest contact      none yet',
      'peers               1 of 3 alive; 192.0.2.3:4524 suspect: silent for 7 s; 192.0.2.4:4524 not reached since this server started: it says not-a-peer: 192.0.2.1 is not in NameServers there; add it to its ddns.conf; sync is unencrypted: set Secret in ddns.conf',
      'redirects           1,039 since start; draining: redirecting nodes to the least loaded peer, since 2026-05-01 12:00:00 UTC',
    ],
  );
});

test('status line › says what a server in the foreground is doing', (t) => {
  t.is(
    statusLine(fixedNow + 3_000, fixedStatus(), 3.04),
    '12:00:03 UTC live 1,234 · 3.0 registered/s · backlog 12/100\n',
  );
  const storage = { state: 'degraded', file: '/db', reason: 'full', since: 0 } as const;
  t.true(statusLine(fixedNow, fixedStatus({ storage }), 0).endsWith('storage degraded\n'));
  t.true(statusLine(fixedNow, null, 0).includes('no answer from'));
});
