// What sources that may be forged are sent.
import test from 'ava';
import { UnprovenLimits } from '../../../../daemon/core/dns/dns-limits.ts';
import { packAddress } from '../../../../shared/protocol/address.ts';

function ip(text: string): Uint32Array {
  return packAddress(text, 1) as Uint32Array;
}

function count(limits: UnprovenLimits, from: string, queries: number, now = 0) {
  const outcomes = { answer: 0, truncate: 0, drop: 0 };
  for (let i = 0; i < queries; i++) outcomes[limits.arrived(ip(from), 40, now)]++;
  return outcomes;
}

test('dns limits › a network has a hundred answers at once and fifty a second; of more, half are told of TCP', (t) => {
  const limits = new UnprovenLimits();
  t.deepEqual(count(limits, '192.0.2.1', 300), { answer: 100, truncate: 100, drop: 100 });
  t.deepEqual(count(limits, '192.0.2.200', 10), { answer: 0, truncate: 5, drop: 5 });
  t.deepEqual(count(limits, '192.0.3.1', 10), { answer: 10, truncate: 0, drop: 0 });
  t.deepEqual(count(limits, '192.0.2.1', 60, 1_000), { answer: 50, truncate: 5, drop: 5 });
  t.is(count(limits, '2001:db8:0:1::1', 200).answer, 100);
  t.is(count(limits, '2001:db8:0:ff::1', 10).answer, 0);
  t.is(count(limits, '2001:db8:0:100::1', 10).answer, 10);
});

test('dns limits › however many queries come, less than twice their bytes go out, and an allowance', (t) => {
  const limits = new UnprovenLimits();
  let received = 0;
  let sent = 0;
  const seconds = 10;
  for (let i = 0; i < 200_000; i++) {
    const now = (i * seconds * 1_000) / 200_000;
    const from = ip(`${1 + (i % 200)}.${(i >> 8) & 255}.${i & 255}.1`);
    const bytes = 40;
    received += bytes;
    if (limits.arrived(from, bytes, now) === 'drop') continue;
    const answer = limits.allows(512) ? 512 : 56;
    limits.sent(answer);
    sent += answer;
  }
  t.true(sent <= 1.5 * received + 65_536 + seconds * 16_384, `${sent} for ${received}`);
  t.true(sent / received < 2);
});

test('dns limits › from a thousand small queries a second on, the allowance included, no more than twice their bytes go out', (t) => {
  const limits = new UnprovenLimits();
  while (limits.allows(512)) limits.sent(512);
  let received = 0;
  let sent = 0;
  for (let i = 0; i < 10_000; i++) {
    const bytes = 40;
    received += bytes;
    limits.arrived(ip(`${1 + (i % 200)}.${(i >> 8) & 255}.${i & 255}.1`), bytes, i);
    const answer = limits.allows(512) ? 512 : 40;
    limits.sent(answer);
    sent += answer;
  }
  t.true(sent / received <= 2, `${sent / received}`);
});

test('dns limits › the processes of a server share the allowance', (t) => {
  const limits = [new UnprovenLimits(1 / 2), new UnprovenLimits(1 / 2)];
  let sent = 0;
  for (const each of limits)
    while (each.allows(512)) {
      each.sent(512);
      sent += 512;
    }
  t.is(sent, 65_536);
});
