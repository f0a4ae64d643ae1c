import test from 'ava';
import type { Happening } from './happening.ts';
import { happeningLine, networkText, summaryText } from './lines.ts';

const address = '127.0.1.7:4000';
const server = '127.0.0.2:4524';

test('demo lines › each thing that happens is a line', (t) => {
  const happenings: Happening[] = [
    { atMs: 0, kind: 'joined', node: 'node-07', address, again: false, knows: 0 },
    { atMs: 3_249, kind: 'joined', node: 'node-07', address, again: true, knows: 1 },
    { atMs: 12_000, kind: 'left', node: 'node-07', address },
    { atMs: 12_000, kind: 'crashed', node: 'node-07', address },
    { atMs: 123_456, kind: 'expired', address, by: server },
    { atMs: 1, kind: 'redirected', address, more: 0, from: server, to: ['127.0.0.3:4524'] },
    {
      ...{ atMs: 1, kind: 'redirected', address, more: 11, from: server },
      to: ['127.0.0.3:4524', '127.0.0.4:4524'],
    },
    { atMs: 1, kind: 'burst', server, clients: 12 },
    { atMs: 1, kind: 'down', server },
    { atMs: 1, kind: 'up', server, pid: 4711 },
    { atMs: 1, kind: 'trouble', text: 'node-07: \u001b[2J' },
  ];
  t.deepEqual(happenings.map(happeningLine), [
    '   0.0 s joined     127.0.1.7:4000   node-07, knows 0 hosts\n',
    '   3.2 s came back  127.0.1.7:4000   node-07, knows 1 host\n',
    '  12.0 s left       127.0.1.7:4000   node-07\n',
    '  12.0 s crashed    127.0.1.7:4000   node-07\n',
    ' 123.5 s expired    127.0.1.7:4000   did not answer 127.0.0.2:4524\n',
    '   0.0 s redirected 127.0.1.7:4000   by 127.0.0.2:4524 to 127.0.0.3:4524\n',
    '   0.0 s redirected 127.0.1.7:4000   and 11 others by 127.0.0.2:4524 to 127.0.0.3:4524 and 127.0.0.4:4524\n',
    '   0.0 s burst      127.0.0.2:4524   12 slow clients fill its backlog\n',
    '   0.0 s down       127.0.0.2:4524   the name server was killed\n',
    '   0.0 s up         127.0.0.2:4524   the name server is back, process 4711\n',
    '   0.0 s trouble                     node-07: \\x1b[2J\n',
  ]);
});

test('demo lines › what the network is, and what it came to', (t) => {
  t.is(
    networkText({
      ...{ folder: '/tmp/ddns-demo-1-x', pid: 12, seed: 7 },
      servers: [{ address: server, socket: '/tmp/s', pid: 13 }],
      nodes: { count: 60, first: '127.0.1.1:4000', last: '127.0.1.60:4000' },
    }),
    `name server 127.0.0.2:4524, process 13
60 nodes, 127.0.1.1:4000 to 127.0.1.60:4000, seed 7
all of it is in /tmp/ddns-demo-1-x, run by process 12, and gone when this ends
`,
  );
  const summary = {
    counted: { joined: 60, left: 2, crashed: 3, expired: 4, redirected: 5, burst: 1, down: 2 },
    running: 55,
    live: [
      { server, hosts: 56 },
      { server: '127.0.0.3:4524', hosts: 55 },
    ],
  };
  const counts = `In 6 s: 60 joined, 2 left, 3 crashed, 4 expired, 5 redirected, 1 burst, 2 outages.
55 nodes running; live at 127.0.0.2:4524: 56, at 127.0.0.3:4524: 55.
`;
  t.is(
    summaryText(6, { ...summary, isAgreed: true }),
    `${counts}All three name servers hold the same hosts.\n`,
  );
  t.is(
    summaryText(6, { ...summary, isAgreed: false }),
    `${counts}The name servers do NOT hold the same hosts.\n`,
  );
});
