import { PassThrough } from 'node:stream';
import test from 'ava';
import { createLog } from '../../daemon/log.ts';

function logTo(pretty: boolean) {
  const destination = new PassThrough();
  const log = createLog('info', { output: { destination, pretty, colour: false } });
  return { log, read: () => String(destination.read() ?? '') };
}

test('log › a line is one JSON object with level, time and message', (t) => {
  const { log, read } = logTo(false);
  log.info({ port: 4524 }, 'ready');
  const { time, ...rest } = JSON.parse(read()) as { time: string };
  t.deepEqual(rest, { level: 'info', port: 4524, msg: 'ready' });
  t.is(new Date(time).toISOString(), time);
});

test('log › the level can be changed while it is in use', (t) => {
  const { log, read } = logTo(false);
  log.debug('before');
  log.level = 'debug';
  log.debug('after');
  log.level = 'error';
  log.warn('too late');
  t.deepEqual(
    read()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).msg),
    ['after'],
  );
});

test('log › each line is handed on before it is written, as JSON whatever the output is', (t) => {
  const destination = new PassThrough();
  const seen: string[] = [];
  const written = (line: string) => {
    t.is(destination.read(), null);
    seen.push(line);
  };
  const log = createLog('info', { output: { destination, pretty: true, colour: false }, written });
  log.debug('not this');
  log.warn({ hosts: 3 }, 'ready\u0007');
  t.is(seen.length, 1);
  const { time: _, ...rest } = JSON.parse(seen[0] ?? '') as { time: string };
  t.deepEqual(rest, { level: 'warn', hosts: 3, msg: 'ready\\x07' });
  t.regex(String(destination.read()), /WARN: ready/);
});

for (const pretty of [false, true])
  test(`log › no message acts on a terminal (${pretty ? 'for people' : 'JSON'})`, (t) => {
    const { log, read } = logTo(pretty);
    log.warn('node \u001b[2J\u009b31m\u202e\r\n\u0000');
    const line = read();
    t.regex(line, /node \\+x1b\[2J\\+x9b31m\\+u\{202e\}\\+x0d\\+x0a\\+x00/);
    t.notRegex(line.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u202e]/);
  });

test('log › for people it is a time, a level and the words', (t) => {
  const { log, read } = logTo(true);
  log.info({ hosts: 3 }, 'ready');
  t.regex(read(), /^\[\d\d:\d\d:\d\d\] INFO: ready \{"hosts":3\}\n$/);
});
