import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import { afterListening } from '../../shared/listening-time.ts';
import { makeFolder } from '../fixture/temp-folder.ts';

test('listening time › an answer that came while the process stood still is heard before the deadline', async (t) => {
  const path = join(makeFolder(t), 'socket');
  const server = createServer((socket) => socket.pipe(socket)).listen(path);
  t.teardown(() => server.close());
  const client = connect(path);
  t.teardown(() => client.destroy());
  const ms = 200;
  const heard = await new Promise((resolve) => {
    client.once('connect', () => {
      const stop = afterListening(ms, () => resolve('nothing'));
      client.once('data', (data) => {
        stop();
        resolve(String(data));
      });
      client.write('hello');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * ms);
    });
  });
  t.is(heard, 'hello');
});

test('listening time › the deadline comes, and not before its time', async (t) => {
  const ms = 50;
  const startedAt = performance.now();
  await new Promise<void>((resolve) => afterListening(ms, resolve));
  // Node counts in whole milliseconds: each part may be short of one.
  t.true(performance.now() - startedAt >= ms * 0.8);
});
