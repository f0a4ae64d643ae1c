import test from 'ava';
import { filterWords, matchesFilter } from '../../../shared/filter.ts';
import { mostWaiting, type OutputNews, OutputQueue } from '../../../shared/output/output-queue.ts';

/** An output that takes as many bytes as it has room for, or fails. */
function setUp() {
  const output = { room: 0, failure: null as string | null, text: '', writes: 0 };
  const news: OutputNews[] = [];
  const queue = new OutputQueue(
    {
      write: (bytes) => {
        output.writes++;
        if (output.failure !== null) throw Object.assign(new Error('no'), { code: output.failure });
        const taken = Math.min(bytes.length, output.room);
        output.room -= taken;
        output.text += Buffer.from(bytes.subarray(0, taken)).toString();
        return taken;
      },
    },
    (each) => news.push(each),
  );
  return { output, news, queue };
}

/** A line of `characters`, with its end. */
function line(name: string, characters: number): string {
  return `${name.padEnd(characters - 1, '.')}\n`;
}

test('output queue › lines that the output accepts are written at once, whatever their rank', (t) => {
  const { output, queue, news } = setUp();
  output.room = 100;
  queue.add('a\n', 20);
  t.is(output.text, 'a\n');
  queue.add('b\n', 50);
  t.is(output.text, 'a\nb\n');
  t.deepEqual(news, []);
});

test('output queue › other lines wait in order, and a partly written line is finished first', async (t) => {
  const { output, queue } = setUp();
  output.room = 5;
  queue.add('one\n', 10);
  queue.add('two\n', 10);
  queue.add('three\n', 50);
  t.is(output.text, 'one\nt');
  output.room = 100;
  t.true(await queue.drain(0));
  t.is(output.text, 'one\ntwo\nthree\n');
});

test('output queue › while it waits a new line costs no attempt to write', (t) => {
  const { output, queue } = setUp();
  for (let i = 0; i < 100; i++) queue.add('x\n', 10);
  t.is(output.writes, 1);
});

test('output queue › beyond its bound the lines of the lowest rank are dropped, the oldest first, and counted', (t) => {
  const { output, queue, news } = setUp();
  const size = mostWaiting / 16;
  for (let i = 0; i < 4; i++) queue.add(line(`error ${i} `, size), 50);
  for (let i = 0; i < 10; i++) queue.add(line(`debug ${i} `, size), 20);
  for (let i = 0; i < 6; i++) queue.add(line(`info ${i} `, size), 30);
  output.room = Number.POSITIVE_INFINITY;
  t.true(queue.flush());
  const names = output.text.split('\n').map((text) => text.slice(0, 7));
  const kept = (name: string) => names.filter((text) => text.startsWith(name)).length;
  t.deepEqual([kept('error'), kept('info')], [4, 6]);
  // What is begun is ended, whatever its rank.
  t.is(names[0], 'error 0');
  t.true(kept('debug') < 10 && names.includes('debug 9'));
  t.is(news.length, 1);
  const [taken] = news;
  if (taken?.kind !== 'taken') return t.fail();
  t.deepEqual([...taken.dropped], [[20, 10 - kept('debug')]]);
  t.false(taken.failed);
});

test('output queue › of lines of one rank the latest are kept, within the bound', (t) => {
  const { output, queue } = setUp();
  const size = mostWaiting / 8;
  for (let i = 0; i < 100; i++) queue.add(line(`${i} `, size), 30);
  output.room = Number.POSITIVE_INFINITY;
  queue.flush();
  t.true(output.text.length <= mostWaiting + size);
  t.regex(output.text, /99 \.+\n$/);
});

test('output queue › a failure and its end are each reported once', async (t) => {
  const { output, queue, news } = setUp();
  output.failure = 'ENOSPC';
  for (let i = 0; i < 3; i++) {
    queue.add(`${i}\n`, 30);
    queue.flush();
  }
  t.deepEqual(
    news.map((each) => (each.kind === 'failing' ? each.error.code : each)),
    ['ENOSPC'],
  );
  output.failure = null;
  output.room = 100;
  t.true(await queue.drain(0));
  t.is(output.text, '0\n1\n2\n');
  t.like(news[1], { kind: 'taken', failed: true });
});

test('output queue › drain waits no longer than its limit', async (t) => {
  const { output, queue } = setUp();
  queue.add('kept\n', 30);
  t.false(await queue.drain(1));
  // It comes to take more meanwhile: tried again by itself.
  output.room = 100;
  t.true(await queue.drain(60_000));
  t.is(output.text, 'kept\n');
});

test('filter › all words must occur, in any order, case and cell', (t) => {
  const words = filterWords('  Alive 192.0.2. ');
  t.true(matchesFilter(words, ['192.0.2.1:4524', 'alive']));
  t.true(matchesFilter(words, ['ALIVE since, 192.0.2.9']));
  t.false(matchesFilter(words, ['192.0.2.1:4524', 'down']));
  t.false(matchesFilter(words, ['192.0.3.1:4524', 'alive']));
});

test('filter › a word with ! must not occur', (t) => {
  t.deepEqual(filterWords('!down'), [{ text: 'down', isExcluded: true }]);
  t.true(matchesFilter(filterWords('!down'), ['alive']));
  t.false(matchesFilter(filterWords('alive !down'), ['alive', 'DOWN']));
});

test('filter › no words, and ! alone, let everything pass', (t) => {
  for (const text of ['', '  ', '!', ' ! ! ']) {
    t.deepEqual(filterWords(text), []);
    t.true(matchesFilter(filterWords(text), []));
  }
});

test('filter › a word does not match across two cells', (t) => {
  t.false(matchesFilter(filterWords('ab'), ['a', 'b']));
});
