// What a server can judge, in the time of an hour's TTL: a ping cycle is 2.4 minutes.
import test from 'ava';
import { Ability } from '../../../../daemon/core/expiry/ability.ts';
import type { Ping } from '../../../../daemon/core/expiry/expiry-effects.ts';
import { expiryIntervals } from '../../../../daemon/core/expiry/expiry-intervals.ts';
import { registryOf, rowOf } from '../../../fixture/registry.ts';

const hour = 3_600_000;
const { cycleMs, retryMs } = expiryIntervals(hour);
const fine = { isDeaf: false, isUnheard: false, isOverridden: false };

const pingOf = (address: string): Ping => ({
  kind: 'ping',
  ...{ address, nodeId: 'node', dialect: 'native', timeoutMs: 1_000 },
});
const ipv4 = pingOf('192.0.2.1:4000');
const ipv6 = pingOf('[2001:db8::1]:4000');
const other = pingOf('[2001:db8::2]:4000');

/** Of a server with those hosts. */
const abilityAmong = (...hosts: Ping[]) =>
  new Ability(registryOf(hosts.map(({ address }) => address)), expiryIntervals(hour));

test('ability › hosts of a family cannot be judged once no ping to one was sent for a ping cycle', (t) => {
  const ability = abilityAmong(ipv4, ipv6);
  const unsentAt = (mono: number) => {
    ability.pingEnded(ipv6, false, mono);
    ability.pingEnded(ipv4, true, mono);
    ability.tick(mono, fine);
    return ability.cannotJudge;
  };
  t.is(unsentAt(0), null);
  t.is(unsentAt(cycleMs - 1), null);
  t.is(unsentAt(cycleMs), 'ipv6');
  ability.pingEnded(other, true, cycleMs + 1);
  ability.tick(2 * cycleMs - 1, fine);
  t.is(ability.cannotJudge, 'ipv6', 'the others have not made all their attempts yet');
  ability.tick(2 * cycleMs, fine);
  t.is(ability.cannotJudge, null);
  ability.pingEnded(ipv6, false, 3 * cycleMs);
  ability.pingEnded(other, true, 3 * cycleMs + 1);
  ability.pingEnded(ipv6, false, 4 * cycleMs);
  ability.tick(4 * cycleMs, fine);
  t.is(ability.cannotJudge, null, 'one was sent in between');
});

test('ability › without a way to either family no host can be judged', (t) => {
  const ability = abilityAmong(ipv4, ipv6);
  for (const mono of [0, cycleMs])
    for (const ping of [ipv4, ipv6]) ability.pingEnded(ping, false, mono);
  ability.tick(cycleMs, fine);
  t.is(ability.cannotJudge, 'all');
});

test('ability › after a ping that could not be sent others are tried, at the pace of attempts, while there is a host of that family', (t) => {
  const registry = registryOf([other.address, ipv6.address, ipv4.address]);
  const ability = new Ability(registry, expiryIntervals(hour));
  const probesAt = (mono: number) => ability.probes(mono).map(({ address }) => address);
  t.deepEqual(probesAt(0), []);
  ability.pingEnded(ipv6, false, 1);
  t.deepEqual(probesAt(retryMs + 1), [], 'its host is a suspect, and due for the next attempt');
  t.deepEqual(probesAt(retryMs + 2), [other.address], 'there may be a way to that one');
  ability.pingEnded(other, false, retryMs + 2);
  t.deepEqual(probesAt(2 * retryMs + 2), []);
  t.deepEqual(probesAt(2 * retryMs + 3), [ipv6.address]);
  ability.pingEnded(ipv6, false, 2 * retryMs + 3);
  registry.expire(rowOf(registry, other.address), 1_000);
  t.deepEqual(probesAt(3 * retryMs + 4), [ipv6.address], 'the only one');
  registry.expire(rowOf(registry, ipv6.address), 1_000);
  t.deepEqual(probesAt(4 * retryMs + 5), []);
  t.deepEqual(probesAt(5 * retryMs + 6), [], 'it is forgotten');
});

test('ability › a deaf server can judge a ping cycle after it hears hosts again, or when an operator says so', (t) => {
  const ability = abilityAmong(ipv4, ipv6);
  const at = (mono: number, change: Partial<typeof fine> = {}) => {
    ability.tick(mono, { ...fine, ...change });
    return [ability.cannotJudge, ability.isDeaf];
  };
  t.deepEqual(at(0, { isDeaf: true }), ['all', true]);
  t.deepEqual(at(cycleMs - 1), ['all', true]);
  t.deepEqual(at(cycleMs), [null, false]);
  t.deepEqual(at(cycleMs + 1, { isDeaf: true }), ['all', true]);
  t.deepEqual(at(cycleMs + 2, { isOverridden: true }), [null, false]);
});

test('ability › a server that no host has ever answered says so after a ping cycle, and is not deaf', (t) => {
  const ability = abilityAmong(ipv4, ipv6);
  const at = (mono: number, isUnheard: boolean) => {
    ability.tick(mono, { ...fine, isUnheard });
    return [ability.cannotJudge, ability.isDeaf];
  };
  t.deepEqual(at(0, true), [null, false]);
  t.deepEqual(at(cycleMs, true), ['all', false]);
  t.deepEqual(at(cycleMs + 1, false), ['all', false]);
  t.deepEqual(at(2 * cycleMs, false), [null, false]);
});
