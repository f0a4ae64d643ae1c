// What servers say to everybody at once: each change goes out once, whoever listens; a gap is noticed by the numbers.
import test from 'ava';
import {
  everybody,
  hear,
  news,
  other,
  pulse,
  reaching,
  store,
} from '../../../fixture/publishing.ts';
import { addressOf, register } from '../../../fixture/registry.ts';
import { after, EngineScene, hello, peerAddress, start } from '../../../fixture/sync-engine.ts';

const { id, epoch } = hello;

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
