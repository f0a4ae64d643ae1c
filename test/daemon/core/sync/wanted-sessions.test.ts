// Sessions of servers that say all to everybody at once: one is there only while it is of use, for a gap that the server
// fills whose log it is, for what others have and for what only one can answer.
import test from 'ava';
import type { Clocks } from '../../../../daemon/core/timing/timing.ts';
import type { SyncPulse } from '../../../../shared/protocol/sync-message.ts';
import { hear, news, other, pulse, reaching, store } from '../../../fixture/publishing.ts';
import { addressOf } from '../../../fixture/registry.ts';
import {
  after,
  type EngineScene,
  hello,
  peerAddress,
  start,
  welcome,
} from '../../../fixture/sync-engine.ts';

const { id } = hello;

const wants = (scene: EngineScene, now: Clocks = start) =>
  scene.engine.publication.wants(peerAddress, now);

test('wanted sessions › one is wanted for a gap, and ends when it was of no use for 2 s', (t) => {
  const scene = reaching();
  scene.engine.isCatchingUp(0);
  for (const from of [peerAddress, other]) hear(scene, pulse(), start, from);
  t.false(scene.engine.isCatchingUp(0), 'both have the same records, and nothing in their logs');
  t.false(wants(scene));
  hear(scene, pulse({ entry: 1 }), after(1_000));
  t.true(wants(scene, after(1_000)));
  t.is(scene.woken.at(-1), peerAddress);
  const link = scene.open(after(1_100));
  for (const ms of [2_000, 3_000, 4_000]) {
    hear(scene, pulse({ entry: 1 }), after(ms));
    scene.tick(after(ms));
    t.false(link.isClosed);
  }
  hear(scene, news(0, 1), after(4_500));
  scene.tick(after(5_900));
  t.false(link.isClosed);
  scene.tick(after(6_100));
  t.true(link.isClosed);
  link.close();
  t.deepEqual(
    scene.events.filter(({ address }) => address === peerAddress).map(({ text }) => text),
    [`announces itself (id ${id})`],
    'sessions that come and go are no news',
  );
});

test('wanted sessions › a server that just started wants one with each that has other records', (t) => {
  const scene = reaching();
  hear(scene, pulse({ digest: 'f'.repeat(16) }));
  t.true(wants(scene));
  hear(scene, pulse());
  t.false(wants(scene), 'by now they are the same');
});

test('wanted sessions › a server that just started compares with eight others at a time, and not with those that turn out to be the same', (t) => {
  const scene = reaching();
  hearFromMany(scene, many, { digest: 'f'.repeat(16) }, start);
  t.deepEqual(wantedOf(scene, start), many.slice(0, 8));
  const digest = scene.registry.digest.whole();
  hearFromMany(scene, many.slice(0, 18), { digest }, after(1_000));
  t.deepEqual(wantedOf(scene, after(1_000)), many.slice(18));
});

const many = Array.from({ length: 20 }, (_, index) => `10.0.1.${index + 10}:4524`);

/** All of them announce themselves and pulse. */
function hearFromMany(
  scene: EngineScene,
  servers: readonly string[],
  more: Partial<SyncPulse>,
  now: Clocks,
): void {
  for (const address of servers) {
    scene.drive((engine) => engine.found(address, `id-${address}`, now));
    scene.drive(({ publication }) => publication.hear(address, `id-${address}`, pulse(more), now));
  }
}

function wantedOf({ engine }: EngineScene, now: Clocks): string[] {
  return many.filter((address) => engine.publication.wants(address, now));
}

test('wanted sessions › a server that lacks the logs of many asks eight at a time, and each begins with another one', (t) => {
  const wantedBy = (self: string) => {
    const scene = reaching({ id: self });
    const digest = scene.registry.digest.whole();
    hearFromMany(scene, many, { digest }, start);
    scene.engine.isCatchingUp(36_000);
    hearFromMany(scene, many, { digest, entry: 3 }, after(36_000));
    return wantedOf(scene, after(36_000));
  };
  t.deepEqual(wantedBy('here'), many.slice(0, 8));
  t.deepEqual(wantedBy(`id-${many[4]}`), many.slice(5, 13));
  t.deepEqual(wantedBy(`id-${many[15]}`), [...many.slice(0, 4), ...many.slice(16)]);
});

test('wanted sessions › while hosts come, servers that were the same within ten seconds are not compared; others are', (t) => {
  const scene = reaching();
  const comparedAt = (isEverTheSame: boolean, from: number) => {
    scene.woken.length = 0;
    for (let ms = from; ms < from + 120_000; ms += 1_000) {
      const isTheSame = isEverTheSame && ms % 9_000 === 0;
      const digest = isTheSame ? scene.registry.digest.whole() : 'f'.repeat(16);
      hear(scene, pulse({ digest }), after(ms));
      scene.tick(after(ms));
    }
    return scene.woken.length;
  };
  t.is(comparedAt(true, 0), 0);
  t.true(comparedAt(false, 120_000) > 2);
});

test('wanted sessions › one that ends before its greeting is reported of the third in a row, because links break', (t) => {
  const scene = reaching();
  hear(scene, pulse({ entry: 1 }));
  const reports = () => {
    scene.dial().close();
    return scene.events.filter(({ kind }) => kind === 'refused').length;
  };
  t.deepEqual([reports(), reports(), reports()], [0, 0, 1]);
});

test('wanted sessions › opinions and comparisons wait for the session that they are a reason for', (t) => {
  const scene = reaching();
  for (const from of [peerAddress, other]) hear(scene, pulse(), start, from);
  scene.engine.isCatchingUp(0);
  const request = { kind: 'opinion', server: id, address: addressOf(9), timeoutMs: 1 } as const;
  scene.drive((engine) => engine.ask(request, start));
  t.true(scene.drive((engine) => engine.compare({ address: peerAddress }, start)));
  t.is(scene.counters.opinionsAsked, 1);
  t.true(wants(scene));
  const link = scene.dial(start, peerAddress);
  link.receive(welcome);
  const kinds = link.sent.map(({ kind }) => kind);
  t.true(kinds.includes('ask') && kinds.includes('digest'), kinds.join());
  link.receive({ kind: 'opinion', number: 1, verdict: 'dead' });
  t.deepEqual(scene.opinions, [{ address: addressOf(9), verdict: 'dead' }]);
  // Without a session in time there is no answer, which is another thing than not to know.
  scene.drive((engine) => engine.ask({ ...request, server: 'elsewhere' }, start));
  t.true(scene.engine.publication.wants(other, start));
  hear(scene, pulse(), after(5_000), other);
  scene.tick(after(5_000));
  t.false(scene.engine.publication.wants(other, after(5_000)));
  t.deepEqual(scene.opinions.slice(1), []);
});

test('wanted sessions › a peer whose database was restored is given one, in which it learns so', (t) => {
  const scene = reaching();
  hear(scene, news(0, 9));
  scene.engine.isCatchingUp(0);
  hear(scene, pulse({ entry: 9, digest: scene.registry.digest.whole() }));
  t.false(wants(scene));
  for (const ms of [1_000, 2_000])
    hear(scene, pulse({ entry: 4, digest: scene.registry.digest.whole() }), after(ms));
  t.true(wants(scene, after(2_000)));
});

test('wanted sessions › a peer that is found and says nothing to everybody is asked directly', (t) => {
  const scene = reaching();
  t.false(wants(scene, after(4_000)));
  t.true(wants(scene, after(5_000)));
});

test('wanted sessions › what is published is not sent over a session as well, except to a peer that lacks something', (t) => {
  const scene = reaching();
  store(scene, 0, 1);
  hear(scene, pulse());
  const link = scene.open();
  t.like(link.take('changes'), [{ entry: 1 }], 'what was there before');
  link.receive({ kind: 'ack', entry: 1 });
  store(scene, 1, 1);
  scene.tick(after(500));
  t.deepEqual(link.take('changes'), []);
  hear(scene, pulse({ behind: 1 }), after(1_000));
  scene.tick(after(1_250));
  t.like(link.take('changes'), [{ entry: 2 }]);
});
