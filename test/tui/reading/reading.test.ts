import test from 'ava';
import {
  type ConsoleAction,
  firstState,
  reduceConsole,
} from '../../../tui/console/console-state.ts';
import { type Account, attentionOf } from '../../../tui/reading/account.ts';
import { everythingAwaited, newsOf } from '../../../tui/reading/news.ts';
import { createLineWriter } from '../../../tui/reading/reader.ts';
import { readingTheme, spokenLines } from '../../../tui/reading/spoken.ts';
import { fixedNow, fixedPeers, fixedSnapshot } from '../fixture-data.ts';
import { lost, sending } from '../screens/situations.ts';

test('spoken › cells are separated by commas, and only words are kept', (t) => {
  const lines = [
    '',
    '\u001b[1m60 hosts\u001b[22m                    \u001b[2m1 of 60\u001b[22m',
    'address ▲              node id             last seen',
    readingTheme.paint('selected', '192.0.2.1:4000         node-1              3 s      '),
    '192.0.2.2:4000         node-2              now',
    '──────────────────────────────────',
    '●  live   ━━━━━───── ',
    '⡇   ⠤⢤',
    '  ↑ k           one row up',
    '* 192.0.2.3:4000       node-3',
    '+ 192.0.2.4:4000       node-4',
    'a  ·  b · c',
    'waiting …',
  ];
  t.deepEqual(spokenLines(lines), [
    { text: '60 hosts, 1 of 60', isChosen: false },
    { text: 'address ascending, node id, last seen', isChosen: false },
    { text: '192.0.2.1:4000, node-1, 3 s', isChosen: true },
    { text: '192.0.2.2:4000, node-2, now', isChosen: false },
    { text: 'live', isChosen: false },
    { text: 'Up k, one row up', isChosen: false },
    { text: 'marked: 192.0.2.3:4000, node-3', isChosen: false },
    { text: 'new: 192.0.2.4:4000, node-4', isChosen: false },
    { text: 'a, b, c', isChosen: false },
    { text: 'waiting ...', isChosen: false },
  ]);
});

test('spoken › a picture has no words', (t) => {
  t.is(readingTheme.picture('\u001b[36m⠉⠒⠤⣀\u001b[m -5m'), '');
});

/** The attention of a console that has just attached, after `actions`. */
function said(change: Parameters<typeof fixedSnapshot>[0], ...actions: ConsoleAction[]): string[] {
  const size = { columns: 120, rows: 24 };
  const first = firstState({ size, view: 'overview', readOnly: false, now: 0 });
  const attached: ConsoleAction = { type: 'snapshot', snapshot: fixedSnapshot(change), now: 0 };
  return attentionOf([attached, ...actions].reduce(reduceConsole, first)).map(({ text }) => text);
}

test('attention › a healthy name server deserves none', (t) => {
  t.deepEqual(said({}), []);
});

test('attention › warnings of banner, header and tiles are said in words', (t) => {
  const storage = {
    state: 'degraded' as const,
    file: '/db',
    reason: 'disk full\u001b[2J',
    since: 0,
  };
  t.deepEqual(said({ storage }), ['Storage degraded: disk full\\x1b[2J.']);
  const held = { active: true, reason: 'isolated' as const, since: fixedNow, overridden: false };
  t.deepEqual(said({ selfPreservation: held }), [
    'Deletions held back, 1 to be deleted: no inbound network traffic.',
  ]);
  t.deepEqual(said({ selfPreservation: { ...held, reason: 'starting' as const } }), []);
  const expiry = { due: 0, suspects: 1, condemned: 0, pinging: 1, servers: 1, oldestSeen: null };
  t.deepEqual(said({ expiry: { ...expiry, nobodyAnswers: true } }), [
    'No host has ever answered a ping.',
  ]);
  const contested = [{ address: '192.0.2.1:4000\u001b', nodeIds: ['a', 'b'] as const }];
  t.deepEqual(said({ expiry: { ...expiry, contested } }), [
    'Two nodes register as 192.0.2.1:4000\\x1b.',
  ]);
  const massDeletion = { deleted: 900, of: 1_234 };
  t.deepEqual(said({ expiry: { ...expiry, massDeletion } }), [
    '900 of 1,234 hosts deleted within a TTL.',
  ]);
  t.deepEqual(said({ peers: fixedPeers() }), [
    '192.0.2.3:4524 suspect.',
    '192.0.2.4:4524 failing: it says not-a-peer: 192.0.2.1 is not in NameServers there; add it to its ddns.conf.',
    'Sync unencrypted.',
  ]);
  t.deepEqual(said({ peers: fixedPeers().slice(0, 1) }, sending('drain')), [
    'Draining: redirecting nodes to the least loaded peer.',
  ]);
  t.deepEqual(said({}, sending('drain')), [
    'Draining, but no peer accepts nodes: they are served here.',
  ]);
});

test('attention › a lost connection replaces no earlier warning', (t) => {
  t.deepEqual(said({ peers: fixedPeers() }, lost), [
    'Disconnected; the data is old. Reconnecting.',
    '192.0.2.3:4524 suspect.',
    '192.0.2.4:4524 failing: it says not-a-peer: 192.0.2.1 is not in NameServers there; add it to its ddns.conf.',
    'Sync unencrypted.',
  ]);
});

test('attention › a hanging name server and a pause are announced', (t) => {
  t.regex(said({}, { type: 'tick', now: 7_000 })[0] ?? '', /^No update from the name server/);
  t.deepEqual(said({}, { type: 'pause' }), ['Paused: updates are buffered.']);
});

/** Lines of a screen; the selected one begins with `> `. */
function account(lines: readonly string[], change: Partial<Account> = {}): Account {
  return {
    place: 'hosts',
    heading: 'Hosts, view 2 of 5',
    lines: lines.map((line) => ({
      text: line.replace(/^> /, ''),
      isChosen: line.startsWith('> '),
    })),
    question: null,
    notice: null,
    attention: [],
    ...change,
  };
}

const head = 'address ascending, node id, last seen';
const three = account([
  '3 hosts, 1 of 3',
  head,
  '> a:1, one, 3 s',
  'b:1, two, 59 s',
  'c:1, three, 2 h 1 min',
]);
const later = ['3 hosts, 1 of 3', head, '> a:1, one, 4 s', 'b:1, two, 1 min', 'c:1, three, 2 h'];

const byItself = (before: Account | null, now: Account) =>
  newsOf(before, now, everythingAwaited).said;
const answer = (before: Account | null, now: Account) => newsOf(before, now, 'key').said;

test('news › a screen is read whole when it appears', (t) => {
  const whole = [
    'Hosts, view 2 of 5.',
    '3 hosts, 1 of 3',
    head,
    'selected: a:1, one, 3 s',
    'b:1, two, 59 s',
    'c:1, three, 2 h 1 min',
  ];
  t.deepEqual(byItself(null, three), whole);
  t.deepEqual(answer(account([], { place: 'overview' }), three), whole);
});

test('news › changing figures and ages are not said, not even after a key', (t) => {
  t.deepEqual(byItself(three, account(later)), []);
  t.deepEqual(answer(three, account(later)), []);
});

test('news › a newly selected row is said at once, or once the daemon has sent it', (t) => {
  const moved = account([
    '3 hosts, 2 of 3',
    head,
    'a:1, one, 3 s',
    '> b:1, two, 1 min',
    'c:1, three, 2 h',
  ]);
  t.deepEqual(answer(three, moved), ['selected: b:1, two, 1 min']);
  t.deepEqual(byItself(three, moved), ['selected: b:1, two, 1 min']);
});

test('news › rows that a key brings are said, others are not', (t) => {
  const more = account([...later, 'd:1, four, now']);
  t.deepEqual(byItself(three, more), []);
  t.deepEqual(answer(three, more), ['d:1, four, now']);
});

test('news › a new sort order is said with the column titles', (t) => {
  const sorted = account([
    later[0] ?? '',
    'address, node id ascending, last seen',
    ...later.slice(2),
  ]);
  t.deepEqual(answer(three, sorted), ['address, node id ascending, last seen']);
});

test('news › the rows that a filter finds are said when it is kept', (t) => {
  const typing = (text: string, found: string[]) =>
    account(found, { question: { asked: 'filter: ', text } });
  const found = ['1 host that match two, 1 of 1', head, '> b:1, two, 1 min'];
  const opened = newsOf(three, typing('', later), 'key');
  t.deepEqual(opened.said, []);
  const typed = newsOf(opened.known, typing('two', found), 'key');
  t.deepEqual(typed.said, []);
  const live = newsOf(typed.known, typing('two', found), everythingAwaited);
  t.deepEqual(live.said, []);
  t.deepEqual(answer(live.known, account(found)), [
    '1 host that match two, 1 of 1',
    'selected: b:1, two, 1 min',
  ]);
});

test('news › a key that leaves the question open is answered too', (t) => {
  const asked = { asked: 'Port: ', text: '0' };
  const before = account(['> Port, 0'], { question: asked });
  const now = account(['> Port, 0', 'must be 1 to 65535'], { question: asked });
  t.deepEqual(answer(before, now), ['must be 1 to 65535']);
});

test('news › the result of an action is said once', (t) => {
  const notice = account(later, { notice: 'a:1 answered' });
  t.deepEqual(byItself(three, notice), ['a:1 answered']);
  t.deepEqual(byItself(notice, notice), []);
  t.deepEqual(answer(notice, notice), ['a:1 answered'], 'the same came of another key');
});

test('news › attention is said when it begins, changes and ends', (t) => {
  const peer = (short: string, seconds = 1) => ({
    ...{ about: 'peer', text: `${short} for ${seconds} s`, short, over: 'alive again' },
  });
  const one = account(later, { attention: [peer('suspect')] });
  const two = account(later, { attention: [peer('down')] });
  t.deepEqual(byItself(three, one), ['suspect for 1 s']);
  t.deepEqual(byItself(one, account(later, { attention: [peer('suspect', 2)] })), []);
  t.deepEqual(byItself(one, two), ['down for 1 s']);
  t.deepEqual(byItself(two, three), ['alive again']);
});

test('news › rows of the same second are told apart', (t) => {
  const before = account(['2 redirects', '12:00:01, a.1:1, b:1', '12:00:01, 10.0.0.1:400, b:1']);
  const now = account([
    '2 redirects, 1 newer',
    '12:00:01, 10.0.0.1:400, b:1',
    '12:00:01, 10.0.0.2:400, b:1',
  ]);
  t.deepEqual(answer(before, now), ['2 redirects, 1 newer', '12:00:01, 10.0.0.2:400, b:1']);
});

test('news › lines that only moved are not said again', (t) => {
  const before = account(['Everywhere', '?, all keys', 'q, quit']);
  t.deepEqual(answer(before, account(['?, all keys', 'q, quit', 'Overview'])), ['Overview']);
});

test('news › a row that begins with its age is recognized by its address', (t) => {
  const at = (age: string) => account(['3 of 100', `> ${age}, 10.0.0.1:400, sending request`]);
  t.deepEqual(byItself(at('900 ms'), at('1 s')), []);
  t.deepEqual(answer(at('1 s'), at('59 min')), []);
});

test('news › of rows that come and go only one is said after a key', (t) => {
  const waiting = (address: string) => account([`1 waits`, `> 1 s, ${address}, sending request`]);
  const nobody = account(['nobody waits']);
  const key = newsOf(account([], { place: 'hosts elsewhere' }), nobody, 'key');
  const first = newsOf(key.known, waiting('10.0.0.1:1'), key.awaited);
  t.deepEqual(first.said, ['1 waits', 'selected: 1 s, 10.0.0.1:1, sending request']);
  const second = newsOf(first.known, waiting('10.0.0.2:1'), first.awaited);
  t.deepEqual(second.said, []);
  t.deepEqual(newsOf(second.known, nobody, second.awaited).said, []);
  const again = newsOf(second.known, waiting('10.0.0.3:1'), 'key');
  t.deepEqual(again.said, ['selected: 1 s, 10.0.0.3:1, sending request']);
});

function writing() {
  const written: string[] = [];
  return { writer: createLineWriter((text) => written.push(text)), written };
}

const filter = (text: string) => ({ asked: 'filter: ', text });

test('lines › are written one after another', (t) => {
  const { writer, written } = writing();
  writer.write(['one', 'two'], null);
  writer.write([], null);
  t.deepEqual(written, ['one\ntwo\n']);
});

test('lines › typed text appears after the question', (t) => {
  const { writer, written } = writing();
  writer.write([], filter(''));
  writer.write([], filter('a'));
  writer.write([], filter('abc'));
  writer.write([], filter('a'));
  writer.write([], filter('xy'));
  writer.write(['1 host'], null);
  t.deepEqual(written, ['filter: ', 'a', 'bc', '\b \b\b \b', '\nfilter: xy', '\n1 host\n']);
});

test('lines › lines that arrive meanwhile do not split the question', (t) => {
  const { writer, written } = writing();
  writer.write([], filter('no'));
  writer.write(['Connection lost.'], filter('nod'));
  writer.end();
  writer.end();
  t.deepEqual(written, ['filter: no', '\nConnection lost.\nfilter: nod', '\n']);
});
