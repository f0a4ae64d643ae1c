// What servers say to everybody at once: each change goes out once, whoever listens; a gap is noticed by the numbers and
// filled by the server whose log it is; a session is there only while it is of use.
import test from 'ava';
import type { Clocks } from '../../../../daemon/core/timing/timing.ts';
import type { SyncNews, SyncPulse } from '../../../../shared/protocol/sync-message.ts';
import { addressOf, register } from '../../../fixture/registry.ts';
import {
  after,
  EngineScene,
  hello,
  peerAddress,
  start,
  welcome,
} from '../../../fixture/sync-engine.ts';

const other = '10.0.0.3:4524';
const { id, epoch } = hello;
const everybody = { maxBytes: 65_536, isEncrypted: true };

/** A server that reaches everybody, and has found `there` and another one. */
function reaching(options = {}): EngineScene {
  const scene = new EngineScene({ peers: [], ...options });
  scene.drive(({ publication }) => publication.reaches(everybody, start));
  scene.drive((engine) => engine.found(peerAddress, id, start));
  scene.drive((engine) => engine.found(other, 'elsewhere', start));
  return scene;
}

/** Hosts register, and are on the disk. */
function store(scene: EngineScene, first: number, count: number, now: Clocks = start): void {
  for (let index = first; index < first + count; index++)
    register(scene.registry, addressOf(index), { now: now.wall });
  scene.registry.settle();
  scene.committed(now);
}

function pulse(more: Partial<SyncPulse> = {}): SyncPulse {
  return {
    ...{ kind: 'pulse', epoch, run: hello.run, entry: 0, digest: '0'.repeat(16), behind: 0 },
    ...{ clock: start.wall, backlog: 1, limit: 2, live: 3, version: '1.2.3' },
    ...more,
  };
}

/** One change of the log of `there`, behind `before`. */
function news(before: number, entry: number): SyncNews {
  const version = { ms: start.wall, counter: entry, server: id };
  const seen = { firstSeen: start.wall, lastSeen: start.wall };
  const host = { address: addressOf(entry), nodeId: 'node', dialect: 'native' } as const;
  return {
    kind: 'news',
    epoch,
    after: before,
    entry,
    changes: [{ ...host, ...seen, state: 'live', version }],
  };
}

function hear(
  scene: EngineScene,
  message: SyncNews,
  now: Clocks = start,
  from = peerAddress,
): void {
  scene.drive(({ publication }) =>
    publication.hear(from, from === peerAddress ? id : 'elsewhere', message, now),
  );
}

const wants = (scene: EngineScene, now: Clocks = start) =>
  scene.engine.publication.wants(peerAddress, now);

test('publication › a change is published once, when it is on the disk, whatever the number of servers', (t) => {
  const scene = reaching();
  hear(scene, pulse());
  hear(scene, pulse(), start, other);
  scene.published.length = 0;
  register(scene.registry, addressOf(1));
  scene.tick(start);
  t.deepEqual(scene.published, []);
  store(scene, 2, 1);
  const [first, ...rest] = scene.published.splice(0);
  t.deepEqual(rest, []);
  t.like(first, { kind: 'news', epoch: '0000000a', after: 0, entry: 2 });
  t.is(first?.kind === 'news' && first.changes.length, 2);
  store(scene, 3, 1);
  t.like(scene.published[0], { after: 2, entry: 3 });
  t.is(scene.published.length, 1);
});

test('publication › what did not go out yet is bounded, and the rest follows when it has', (t) => {
  const scene = reaching();
  scene.published.length = 0;
  store(scene, 0, 5_000);
  const sent = scene.published.length;
  t.true(sent > 3 && sent < 10, `${sent} batches`);
  store(scene, 5_000, 1);
  t.is(scene.published.length, sent);
  while (scene.published.at(-1)?.kind !== 'news' || !isLast(scene))
    scene.drive(({ publication }) => publication.wentOut(262_144));
  const numbers = scene.published.flatMap((each) =>
    each.kind === 'news' ? [[each.after, each.entry]] : [],
  );
  t.true(numbers.every(([from], index) => from === (numbers[index - 1]?.[1] ?? 0)));
});

function isLast(scene: EngineScene): boolean {
  const last = scene.published.at(-1);
  return last?.kind === 'news' && last.entry === scene.registry.committedEntry;
}

test('publication › heartbeats say how much the sender has, and what it lacks', (t) => {
  const scene = reaching();
  store(scene, 0, 3);
  hear(scene, pulse({ entry: 7 }), after(900));
  scene.published.length = 0;
  scene.tick(after(1_000));
  t.deepEqual(scene.published, [
    {
      ...{
        kind: 'pulse',
        epoch: '0000000a',
        run: '00000001',
        version: '1.2.3',
        entry: 3,
        behind: 7,
      },
      ...{
        digest: scene.registry.digest.whole(),
        clock: after(1_000).wall,
        backlog: 1,
        limit: 2,
        live: 3,
      },
    },
  ]);
});

test('publication › a peer is alive by its heartbeats alone, with load, clock and what it lacks, and no session', (t) => {
  const scene = reaching();
  hear(scene, pulse({ behind: 5, clock: start.wall + 70 }), start);
  hear(scene, pulse({ behind: 4, clock: start.wall + 1_090 }), after(1_000));
  t.like(scene.engine.view(after(1_500))[0], {
    ...{ id, state: 'alive', version: '1.2.3', encrypted: true, clockMs: 90, lag: 4, lagMs: 1_500 },
    load: { backlog: 1, limit: 2, live: 3 },
  });
  t.deepEqual(scene.events, [
    { kind: 'up', address: peerAddress, text: `announces itself (id ${id})` },
  ]);
  scene.tick(after(17_000));
  t.like(scene.engine.view(after(17_000))[0], { state: 'down', encrypted: null, lag: null });
  t.deepEqual(scene.events.slice(1), [
    { kind: 'lost', address: peerAddress, text: 'was silent for 15 s' },
  ]);
});

test('publication › what others publish is merged at once, in their order or behind a gap, and noted only up to the gap', (t) => {
  const scene = reaching();
  const { registry } = scene;
  hear(scene, news(0, 1));
  hear(scene, news(1, 2));
  t.is(registry.applied.entryOf(id, epoch), 2);
  scene.woken.length = 0;
  hear(scene, news(3, 4));
  hear(scene, news(4, 5));
  t.deepEqual(scene.woken, [peerAddress, peerAddress]);
  t.is(registry.live.length, 4);
  t.is(registry.applied.entryOf(id, epoch), 2);
  // The gap is filled over a link that the peer pushes on; nothing behind it is needed again.
  const link = scene.accept({ ...hello, entry: 5 });
  t.like(link.sent[0], { kind: 'welcome', applied: 2 });
  link.receive({ kind: 'changes', entry: 3, changes: [] });
  t.is(registry.applied.entryOf(id, epoch), 5);
});

test('publication › a gap behind a gap waits for the first', (t) => {
  const scene = reaching();
  const { registry } = scene;
  for (const [before, entry] of [
    [2, 3],
    [5, 6],
    [6, 7],
  ] as const)
    hear(scene, news(before, entry));
  const link = scene.accept({ ...hello, entry: 7 });
  link.receive({ kind: 'changes', entry: 3, changes: [] });
  t.is(registry.applied.entryOf(id, epoch), 3);
  link.receive({ kind: 'changes', entry: 5, changes: [] });
  t.is(registry.applied.entryOf(id, epoch), 7);
});

test('publication › a session is wanted for a gap, and ends when it was of no use for 2 s', (t) => {
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

test('publication › a server that just started wants a session with each that has other records', (t) => {
  const scene = reaching();
  hear(scene, pulse({ digest: 'f'.repeat(16) }));
  t.true(wants(scene));
  hear(scene, pulse());
  t.false(wants(scene), 'by now they are the same');
});

test('publication › a server that just started compares with eight others at a time, and not with those that turn out to be the same', (t) => {
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

test('publication › a server that lacks the logs of many asks eight at a time, and each begins with another one', (t) => {
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

test('publication › after an interruption what was missed waits until those who were there are there again, or for three seconds', (t) => {
  const interrupted = () => {
    const scene = reaching();
    for (const from of [peerAddress, other]) hear(scene, pulse(), start, from);
    scene.drive(({ publication }) => publication.reaches(null, after(1_000)));
    store(scene, 0, 3, after(2_000));
    scene.published.length = 0;
    scene.drive(({ publication }) => publication.reaches(everybody, after(60_000)));
    return scene;
  };
  const said = (scene: EngineScene) =>
    scene.published.splice(0).map((each) => `${each.kind} ${each.entry}`);
  const first = interrupted();
  t.deepEqual(said(first), ['pulse 0'], 'which shows no gap');
  hear(first, pulse(), after(60_100));
  first.tick(after(60_250));
  t.deepEqual(said(first), []);
  hear(first, pulse(), after(60_300), other);
  first.tick(after(60_500));
  t.deepEqual(said(first), ['news 3']);
  const second = interrupted();
  second.tick(after(62_750));
  t.true(said(second).every((each) => each === 'pulse 0'));
  second.tick(after(63_000));
  t.deepEqual(
    said(second).filter((each) => each.startsWith('news')),
    ['news 3'],
  );
});

test('publication › what is stored before anybody is reached for the first time is published', (t) => {
  const scene = new EngineScene({ peers: [] });
  store(scene, 0, 2);
  scene.drive(({ publication }) => publication.reaches(everybody, start));
  t.deepEqual(
    scene.published.map((each) => `${each.kind} ${each.entry}`),
    ['news 2', 'pulse 2'],
  );
});

test('publication › while hosts come, servers that were the same within ten seconds are not compared; others are', (t) => {
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

test('publication › a session that ends before its greeting is reported of the third in a row, because links break', (t) => {
  const scene = reaching();
  hear(scene, pulse({ entry: 1 }));
  const reports = () => {
    scene.dial().close();
    return scene.events.filter(({ kind }) => kind === 'refused').length;
  };
  t.deepEqual([reports(), reports(), reports()], [0, 0, 1]);
});

test('publication › opinions and comparisons wait for the session that they are a reason for', (t) => {
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

test('publication › a peer whose database was restored is given a session, in which it learns so', (t) => {
  const scene = reaching();
  hear(scene, news(0, 9));
  scene.engine.isCatchingUp(0);
  hear(scene, pulse({ entry: 9, digest: scene.registry.digest.whole() }));
  t.false(wants(scene));
  for (const ms of [1_000, 2_000])
    hear(scene, pulse({ entry: 4, digest: scene.registry.digest.whole() }), after(ms));
  t.true(wants(scene, after(2_000)));
});

test('publication › a peer that is found and says nothing to everybody is asked directly', (t) => {
  const scene = reaching();
  t.false(wants(scene, after(4_000)));
  t.true(wants(scene, after(5_000)));
});

test('publication › a peer in NameServers is not followed: it is connected', (t) => {
  const scene = new EngineScene();
  hear(scene, pulse({ entry: 3 }));
  hear(scene, news(0, 1));
  t.is(scene.registry.live.length, 0);
  t.like(scene.engine.view(start)[0], { state: 'connecting', lag: null });
});

test('publication › after an interruption what was missed is published, and what is too much is left to those who ask', (t) => {
  const scene = reaching({ maxHosts: 30_000 });
  const interrupt = (first: number, hosts: number) => {
    scene.drive(({ publication }) => publication.reaches(null, start));
    store(scene, first, hosts);
    scene.published.length = 0;
    scene.drive(({ publication }) => publication.reaches(everybody, start));
    return scene.published.map((each) => `${each.kind} ${each.entry}`);
  };
  t.deepEqual(interrupt(0, 100), ['news 100', 'pulse 100']);
  t.deepEqual(interrupt(100, 20_001), ['pulse 20101']);
});

test('publication › an interruption is not reported of each peer; one that does not come back afterwards is', (t) => {
  const scene = reaching();
  hear(scene, pulse());
  hear(scene, pulse(), start, other);
  scene.events.length = 0;
  scene.drive(({ publication }) => publication.reaches(null, after(1_000)));
  scene.tick(after(60_000));
  scene.drive(({ publication }) => publication.reaches(everybody, after(61_000)));
  scene.tick(after(62_000));
  hear(scene, pulse({ clock: after(63_000).wall }), after(63_000));
  scene.tick(after(75_999));
  t.deepEqual(scene.events, []);
  for (let ms = 64_000; ms <= 76_000; ms += 1_000)
    hear(scene, pulse({ clock: after(ms).wall }), after(ms));
  scene.tick(after(76_000));
  t.deepEqual(scene.events, [{ kind: 'lost', address: other, text: 'was silent for 15 s' }]);
});

test('publication › what is published is not sent over a session as well, except to a peer that lacks something', (t) => {
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
