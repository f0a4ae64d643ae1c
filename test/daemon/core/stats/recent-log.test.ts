import test from 'ava';
import { keptLines, type LogSearch, RecentLog } from '../../../../daemon/core/stats/recent-log.ts';

const everything: LogSearch = { after: 0, level: 'trace', filter: '', limit: keptLines };

function written(level: string, msg: string, fields: Record<string, unknown> = {}): string {
  return `${JSON.stringify({ level, time: '2026-05-01T12:00:00.000Z', ...fields, msg })}\n`;
}

function logOf(...lines: string[]): RecentLog {
  const log = new RecentLog();
  for (const line of lines) log.add(line);
  return log;
}

function seqs(log: RecentLog, query: Partial<LogSearch> = {}): number[] {
  return log.find({ ...everything, ...query }).lines.map(({ seq }) => seq);
}

test('recent log › a line has a number, a time, a level, a message, and fields as text', (t) => {
  const log = logOf(
    written('info', 'ready', { listen: '127.0.0.1:4524', hosts: 3, idle: null, ports: [1, 2] }),
  );
  t.deepEqual(log.find(everything), {
    lines: [
      {
        seq: 1,
        at: Date.UTC(2026, 4, 1, 12),
        level: 'info',
        msg: 'ready',
        fields: { listen: '127.0.0.1:4524', hosts: '3', idle: 'null', ports: '[1,2]' },
      },
    ],
    forgotten: 0,
  });
});

test('recent log › an error is shown by its message, without a stack', (t) => {
  const err = { type: 'Error', message: 'the disk is\nfull', stack: 'Error: …\n  at x.ts:1' };
  t.deepEqual(logOf(written('error', 'failed', { err })).find(everything).lines[0]?.fields, {
    err: 'the disk is\\x0afull',
  });
});

test('recent log › control characters are escaped and long texts are cut', (t) => {
  const hostile = '\u001b[2J\u009b31m\u202e\r\n';
  const log = logOf(
    written('debug', hostile, {
      [hostile]: hostile,
      deep: { er: hostile },
      long: 'x'.repeat(5_000),
    }),
  );
  const { msg = '', fields = {} } = log.find(everything).lines[0] ?? {};
  const text = [msg, ...Object.entries(fields).flat()].join(' ');
  t.notRegex(text, /[\u0000-\u001f\u007f-\u009f\u202e]/);
  t.true(text.startsWith('\\x1b[2J\\x9b31m\\u{202e}\\x0d\\x0a '));
  t.is(fields.long?.length, 1_024);
});

test('recent log › lines are selected by number, level, filter and limit', (t) => {
  const log = logOf(
    written('debug', 'host registered', { address: '10.0.0.1:4000' }),
    written('warn', 'requests were not served', { malformed: 3 }),
    written('info', 'TTL changes'),
    written('error', 'the registry cannot be written'),
    written('fatal', 'unexpected error, leaving'),
  );
  t.deepEqual(seqs(log), [1, 2, 3, 4, 5]);
  t.deepEqual(seqs(log, { limit: 2 }), [4, 5]);
  t.deepEqual(seqs(log, { after: 3 }), [4, 5]);
  t.deepEqual(seqs(log, { after: 5 }), []);
  t.deepEqual(seqs(log, { after: 99 }), []);
  t.deepEqual(seqs(log, { level: 'warn' }), [2, 4, 5]);
  t.deepEqual(seqs(log, { level: 'error' }), [4, 5]);
  t.deepEqual(seqs(log, { filter: 'REG' }), [1, 4]);
  t.deepEqual(seqs(log, { filter: 'reg !written' }), [1]);
  t.deepEqual(seqs(log, { filter: 'address=10.0' }), [1]);
  t.deepEqual(seqs(log, { filter: '!warn !info', limit: 2 }), [4, 5]);
  t.deepEqual(seqs(log, { level: 'warn', filter: 're', limit: 1, after: 1 }), [4]);
});

test('recent log › the oldest lines are dropped, and a reader learns how many it missed', (t) => {
  const log = new RecentLog();
  for (let i = 1; i <= keptLines; i++) log.add(written('info', `line ${i}`));
  t.deepEqual([seqs(log).length, log.find(everything).forgotten], [keptLines, 0]);
  for (let i = 1; i <= 10; i++) log.add(written('info', 'more'));
  t.is(log.total, keptLines + 10);
  t.deepEqual([seqs(log).length, seqs(log)[0]], [keptLines, 11]);
  t.is(log.find(everything).forgotten, 10);
  t.is(log.find({ ...everything, after: 4 }).forgotten, 6);
  t.is(log.find({ ...everything, after: 10 }).forgotten, 0);
  t.is(log.find({ ...everything, after: 500 }).forgotten, 0);
});

test('recent log › the lines kept are bounded in characters', (t) => {
  const log = new RecentLog();
  const long = 'x'.repeat(100_000);
  for (let i = 1; i <= 30; i++) log.add(written('info', long));
  t.deepEqual(seqs(log), [21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
  log.add(written('info', long.repeat(20)));
  t.deepEqual(log.find(everything), { lines: [], forgotten: 31 });
  log.add(written('info', 'short'));
  t.deepEqual(seqs(log), [32]);
});
