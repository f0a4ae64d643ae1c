import { Readable } from 'node:stream';
import test from 'ava';
import { linesOf, maxLineLength, parseHostLine } from '../../../tui/cli/host-lines.ts';
import { jsonLine } from '../../../tui/cli/plain/hosts.ts';

const now = Date.parse('2026-05-01T12:00:00.000Z');
const sound = {
  address: '192.0.2.7:4000',
  nodeId: 'node-7',
  firstSeen: '2026-05-01T10:00:00.000Z',
  lastSeen: '2026-05-01T11:00:00Z',
  state: 'live',
  dialect: 'udp',
  owner: 'aaaaaaaaaaaaaaaa',
};

function parse(change: object) {
  return parseHostLine(JSON.stringify({ ...sound, ...change }), now);
}

test('host lines › a line that hosts --json prints is a host', (t) => {
  const host = {
    ...{ address: '[2001:db8::1]:4000', nodeId: 'n', dialect: 'legacy' as const },
    ...{ firstSeen: now - 5_000, lastSeen: now - 1_000 },
  };
  const line = jsonLine({ ...host, state: 'suspect', owner: 'x', failedPings: 2 });
  t.deepEqual(parseHostLine(line, now), { host });
});

test('host lines › what has a usual value may be missing', (t) => {
  const parsed = parse({ firstSeen: undefined, dialect: undefined, state: undefined });
  const lastSeen = now - 3_600_000;
  const { address, nodeId } = sound;
  t.deepEqual(parsed, {
    host: { address, nodeId, firstSeen: lastSeen, lastSeen, dialect: 'native' },
  });
});

const wrong: [what: string, change: object, problem: string][] = [
  [
    'no address',
    { address: undefined },
    'address is missing: it must be ip:port, IPv6 in brackets',
  ],
  ['a name', { address: 'a.example:1' }, 'address "a.example:1" is wrong: it must be ip:port'],
  ['no port', { address: '192.0.2.7' }, 'address "192.0.2.7" is wrong: it must be ip:port'],
  ['a wrong id', { nodeId: 'a b' }, 'nodeId "a b" is wrong: it must be 1 to 64 letters'],
  ['a long id', { nodeId: 'x'.repeat(65) }, 'it must be 1 to 64 letters'],
  ['a number', { nodeId: 7 }, 'nodeId 7 is wrong: it must be 1 to 64 letters'],
  ['another dialect', { dialect: 'http' }, 'dialect "http" is wrong: it must be one of native, '],
  ['no contact', { lastSeen: undefined }, 'lastSeen is missing: it must be a time such as 2026'],
  ['a local time', { lastSeen: '2026-05-01 11:00:00' }, 'lastSeen "2026-05-01 11:00:00" is wrong'],
  ['no such day', { lastSeen: '2026-13-41T00:00:00Z' }, 'is wrong: it must be a time such as'],
  [
    'the future',
    { lastSeen: '2026-05-01T12:01:00.001Z' },
    'lastSeen "2026-05-01T12:01:00.001Z" is wrong: it must be at most 2026-05-01T12:00:00.000Z, which is now',
  ],
  [
    'order',
    { firstSeen: '2026-05-01T11:00:01Z' },
    'it must be at most lastSeen, 2026-05-01T11:00:00Z',
  ],
  ['an escape', { nodeId: '\u001b[31m' }, 'nodeId "\\u001b[31m" is wrong'],
];

for (const [what, change, problem] of wrong)
  test(`host lines › ${what}: the line is refused with value and limit`, (t) => {
    const parsed = parse(change);
    t.true('problem' in parsed && parsed.problem.includes(problem), JSON.stringify(parsed));
  });

test('host lines › a minute ahead is not the future: clocks differ by that much', (t) => {
  t.true('host' in parse({ lastSeen: '2026-05-01T12:01:00.000Z' }));
});

for (const text of ['hosts', '[]', '7', 'null', '{"address":'])
  test(`host lines › ${text} is no object`, (t) => {
    t.deepEqual(parseHostLine(text, now), { problem: `${text} is no JSON object` });
  });

async function split(...pieces: string[]) {
  const lines = [];
  for await (const line of linesOf(Readable.from(pieces))) lines.push([line.number, line.text]);
  return lines;
}

test('host lines › a text in any pieces has the same lines', async (t) => {
  const text = 'one\n\n  \nfour\r\nfive';
  const whole = [
    [1, 'one'],
    [4, 'four\r'],
    [5, 'five'],
  ];
  t.deepEqual(await split(text), whole);
  t.deepEqual(await split(...text), whole);
});

test('host lines › a line without an end takes no more memory than the longest, and is refused', async (t) => {
  const pieces = Array.from({ length: 100 }, () => 'x'.repeat(1_000));
  const [[number, text] = [], ...more] = await split(...pieces, '\nnext\n');
  t.deepEqual([number, String(text).length, more], [1, maxLineLength + 1, [[2, 'next']]]);
  t.deepEqual(parseHostLine(String(text), now), {
    problem: 'the line has more than 4096 characters',
  });
});
