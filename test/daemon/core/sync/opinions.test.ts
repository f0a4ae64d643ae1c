// What name servers ask each other about hosts, and which of them cannot judge hosts.
import test from 'ava';
import { maxAsking } from '../../../../daemon/core/expiry/suspects.ts';
import { addressOf } from '../../../fixture/registry.ts';
import { after, EngineScene, hello, start, welcome } from '../../../fixture/sync-engine.ts';

test('opinions › an opinion is requested from the named server only, and given once', (t) => {
  const scene = new EngineScene();
  const link = scene.open();
  link.sent = [];
  const ask = (server: string, index: number) =>
    scene.drive((engine) =>
      engine.ask({ kind: 'opinion', server, address: addressOf(index), timeoutMs: 1 }, start),
    );
  ask('nobody', 1);
  t.deepEqual(link.sent, []);
  t.deepEqual(scene.opinions, [], 'nobody is asked, so nobody has said "unknown"');
  for (const index of [1, 2]) ask('there', index);
  t.deepEqual(link.sent, [
    { kind: 'ask', number: 1, address: addressOf(1) },
    { kind: 'ask', number: 2, address: addressOf(2) },
  ]);
  link.receive({ kind: 'opinion', number: 2, verdict: 'dead' });
  link.receive({ kind: 'opinion', number: 2, verdict: 'alive' });
  link.receive({ kind: 'opinion', number: 9, verdict: 'alive' });
  link.receive({ kind: 'opinion', number: 1, verdict: 'unknown' });
  t.deepEqual(scene.opinions, [
    { address: addressOf(2), verdict: 'dead' },
    { address: addressOf(1), verdict: 'unknown' },
  ]);
  t.is(scene.counters.opinionsAsked, 2);
});

test('opinions › a peer gets the opinions it asks for, up to the limit of open questions', (t) => {
  const scene = new EngineScene();
  const { judged, counters } = scene;
  const link = scene.accept();
  for (let number = 1; number <= maxAsking; number++)
    link.receive({ kind: 'ask', number, address: addressOf(number) });
  link.sent = [];
  link.receive({ kind: 'ask', number: 1_000, address: addressOf(1) });
  t.deepEqual(link.sent, [{ kind: 'opinion', number: 1_000, verdict: 'unknown' }]);
  t.is(judged.length, maxAsking);
  t.is(counters.opinionsGiven, maxAsking);
  const [fifth] = judged.slice(4);
  if (fifth) scene.drive((engine) => engine.judged(fifth, 'dead'));
  link.receive({ kind: 'ask', number: 1_001, address: addressOf(3) });
  t.deepEqual(link.sent.slice(1), [{ kind: 'opinion', number: 5, verdict: 'dead' }]);
  t.is(judged.at(-1)?.address, addressOf(3));
  link.close();
  const last = judged.at(-1);
  if (last) scene.engine.judged(last, 'dead');
  t.deepEqual(scene.engine.take(), [], 'nobody waits for it any more');
});

test('opinions › a peer that cannot judge hosts is not named where no server can', (t) => {
  const scene = new EngineScene();
  scene.open();
  const inbound = scene.accept({ ...hello, version: '2.0.0', isTwoWay: true });
  const beat = { kind: 'beat', clock: 0, number: 1, backlog: 0, limit: 1, live: 0 } as const;
  inbound.receive({ ...beat, cannotJudge: 'all' });
  const troubleAt = (ms: number) => {
    scene.tick(after(ms));
    return scene.engine.view(after(ms))[0]?.trouble ?? null;
  };
  t.regex(troubleAt(250) ?? '', /^cannot judge hosts/);
  scene.context.load = { backlog: 0, limit: 1, live: 0, cannotJudge: 'all' };
  t.is(troubleAt(500), null);
  const told = () => scene.events.filter(({ kind }) => kind === 'unable').map(({ text }) => text);
  t.is(told().length, 1, 'it cannot judge hosts again');
  inbound.receive({ ...beat, number: 2, cannotJudge: 'ipv6' });
  t.regex(troubleAt(750) ?? '', /^cannot judge IPv6 hosts/, 'that is its own');
});

test('opinions › a server that cannot judge hosts says so to peers that know the word, and is named by them', (t) => {
  for (const isTwoWay of [false, true]) {
    const scene = new EngineScene();
    const said = isTwoWay ? { version: '2.0.0', isTwoWay } : {};
    const link = scene.dial();
    link.receive({ ...welcome, ...said });
    scene.context.load = { backlog: 0, limit: 1, live: 0, cannotJudge: 'all' };
    link.sent = [];
    scene.tick(after(1_000));
    t.is('cannotJudge' in (link.take('beat')[0] as object), isTwoWay);
  }
  const scene = new EngineScene();
  const link = scene.open();
  const inbound = scene.accept({ ...hello, version: '2.0.0', isTwoWay: true });
  const beat = { kind: 'beat', clock: 0, backlog: 0, limit: 1, live: 0 } as const;
  inbound.receive({ ...beat, number: 1, cannotJudge: 'all' });
  scene.tick(after(250));
  const unable = /^cannot judge hosts: too few of them answer its pings/;
  t.regex(scene.engine.view(after(250))[0]?.trouble ?? '', unable);
  inbound.receive({ ...beat, number: 2 });
  scene.tick(after(500));
  t.is(scene.engine.view(after(500))[0]?.trouble, null);
  t.deepEqual(
    scene.events.filter(({ kind }) => kind === 'unable').map(({ text }) => text.slice(0, 18)),
    ['cannot judge hosts', 'can judge hosts ag'],
  );
  t.false(link.isClosed);
});
