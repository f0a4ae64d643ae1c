import test from 'ava';
import type { Status } from '../../../../shared/ipc/status-contract.ts';
import { columnsOf } from '../../../../tui/text/columns.ts';
import { shareLines } from '../../../../tui/views/overview/share-map.ts';
import { fixedPeers, fixedShares, fixedStatus } from '../../fixture-data.ts';

const self = fixedStatus().server.id;

function mapOf(change: Partial<Status>, width: number): string[] {
  return shareLines(fixedStatus(change), width).map((parts) =>
    parts.map(([text]) => text).join(''),
  );
}

/** This server and others at `address(1)`, `address(2)` … with so many hosts each. */
function sharesOf(
  hosts: readonly number[],
  address = (index: number) => `192.0.2.${index + 1}:4524`,
): Status['shares'] {
  return {
    complete: true,
    servers: hosts.map((count, index) => ({
      id: index === 0 ? self : `id-${index}`,
      address: address(index),
      hosts: count,
    })),
  };
}

test('share map › a server alone is a plain sentence', (t) => {
  t.deepEqual(mapOf({}, 49), ['this server pings all 1,234 live hosts']);
  const peers = fixedPeers();
  t.deepEqual(mapOf({ peers }, 120), [
    'this server pings all 1,234 live hosts until a peer settles',
  ]);
  t.deepEqual(mapOf({ peers }, 49), ['this server pings all 1,234 live hosts']);
  t.deepEqual(mapOf({ hosts: { live: 1, gone: 0, limit: 10 } }, 69), [
    'this server pings all 1 live host',
  ]);
  t.deepEqual(mapOf({ hosts: { live: 0, gone: 0, limit: 10 } }, 69), ['no live hosts to ping']);
});

test('share map › each server has a segment as wide as its share, named as well as there is room', (t) => {
  const shares = fixedShares();
  t.deepEqual(mapOf({ shares }, 120), [
    '├─ this server 402 hosts, 33 % ────────┼─ 192.0.2.2:4524 425 hosts, 34 % ───────┼─ 192.0.2.3:4524 407 hosts, 33 % ─────┤',
  ]);
  t.deepEqual(mapOf({ shares }, 84), [
    '├─ this server 33 % ───────┼─ 192.0.2.2:4524 34 % ──────┼─ 192.0.2.3:4524 33 % ────┤',
  ]);
  t.deepEqual(mapOf({ shares }, 69), [
    '├─ this server 33 % ──┼─ 192.0.2.2 34 % ─────┼─ 192.0.2.3 33 % ─────┤',
  ]);
  t.deepEqual(mapOf({ shares }, 49), [
    '├─ 1 ───────────┼─ 2 ───────────┼─ 3 ───────────┤',
    '1 this server 33 %  2 192.0.2.2 34 %',
    '3 192.0.2.3 33 %',
  ]);
});

test('share map › servers of one address keep their ports', (t) => {
  const shares = sharesOf([50, 50, 50], (index) => `127.0.0.1:${4_524 + index}`);
  t.deepEqual(mapOf({ shares }, 69), [
    '├─ 1 ──────────────────┼─ 2 ──────────────────┼─ 3 ─────────────────┤',
    '1 this server 33 %  2 127.0.0.1:4525 33 %  3 127.0.0.1:4526 33 %',
  ]);
});

test('share map › whoever has none or little is named below', (t) => {
  t.deepEqual(mapOf({ shares: sharesOf([0, 3]) }, 49), [
    '├┼─ 2 ──────────────────────────────────────────┤',
    '1 this server 0 %  2 192.0.2.2 100 %',
  ]);
});

test('share map › of many servers those are named for which there is room', (t) => {
  const shares = sharesOf([11, 12, 10, 13, 11, 12, 9, 11, 11, 10]);
  t.deepEqual(mapOf({ shares }, 69), [
    '├─ 1 ──┼─ 2 ──┼─ 3 ─┼─ 4 ───┼─ 5 ──┼─ 6 ──┼─ 7 ─┼─ 8 ──┼─ 9 ──┼─────┤',
    '1 this server 10 %  2 192.0.2.2 11 %  3 192.0.2.3 9 %',
    '4 192.0.2.4 12 %  5 192.0.2.5 10 %  6 192.0.2.6 11 %  and 4 more',
  ]);
});

test('share map › is as wide as its room at every width and number of servers', (t) => {
  for (let width = 49; width <= 200; width += 7)
    for (let count = 2; count <= 12; count++) {
      const shares = sharesOf(Array.from({ length: count }, (_, index) => (index * 37) % 90));
      const lines = mapOf({ shares }, width);
      t.is(columnsOf(lines[0] ?? ''), width, lines[0]);
      t.true(lines.length <= 3);
      for (const line of lines) t.true(columnsOf(line) <= width, line);
    }
});

test('share map › shares that are not counted yet are not shown as if they were', (t) => {
  const shares = { ...fixedShares(), complete: false };
  t.deepEqual(mapOf({ shares }, 69), ['split among 3 name servers; counting …']);
});
