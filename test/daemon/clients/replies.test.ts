import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import test from 'ava';
import { ReplyWriter, WriteScheduler } from '../../../daemon/clients/reply-writer.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { exchange, TcpClient } from '../../fixture/tcp-client.ts';

const oks = (text: string) => text.match(/^ok$/gm)?.length ?? 0;

test('replies › a client that ends its side after twenty thousand requests gets all replies', async (t) => {
  const { port } = await startTestServer(t, { settings: { maxHosts: 50_000 } });
  const client = await TcpClient.open(port, { allowHalfOpen: true });
  client.send(Array.from({ length: 20_000 }, (_, index) => `alive n ${index + 1}\n`).join(''));
  client.end();
  t.is(oks(await client.closed), 20_000);
});

test('replies › a stopping server sends all replies', async (t) => {
  const server = await startTestServer(t, { settings: { maxHosts: 50_000 } });
  const client = await TcpClient.open(server.port);
  client.send(Array.from({ length: 20_000 }, (_, index) => `alive n ${index + 1}\n`).join(''));
  await server.until(({ counters }) => counters.alives === 20_000);
  void server.close();
  t.is(oks(await client.closed), 20_000);
});

// All connections of a process write into one buffer, one after the other (WriteScheduler).
test('replies › connections that are written to at the same time get what is theirs', async (t) => {
  const { port } = await startTestServer(t, { settings: { maxHosts: 50_000 } });
  const hosts = Array.from({ length: 9_000 }, (_, index) => `alive n ${index + 1}\n`);
  t.is(oks(await exchange(port, hosts.join(''), { allowHalfOpen: true })), hosts.length);
  const limits = Array.from({ length: 40 }, (_, index) => (index % 4 ? 1 : 5_000) + index);
  await Promise.all(
    limits.map(async (limit, index) => {
      const asked = `query own ${10_000 + index} limit=${limit}\nping\n`.repeat(20);
      const from = `127.0.1.${index + 1}`;
      const received = await exchange(port, asked, { from, allowHalfOpen: true });
      t.regex(received, /^(?:(?:hosts(?: [\d.]+:\d+)+|end .*|pong .*)\n)+$/);
      const lists = received.split(/^pong .*\n/m).slice(0, -1);
      const counts = lists.map((list) => list.match(/:/g)?.length);
      t.deepEqual(counts, Array(20).fill(limit));
    }),
  );
});

/** Both ends of a connection; the reader's side is not read from. */
async function connected(): Promise<[writer: Socket, reader: Socket, close: () => void]> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const accepted = once(server, 'connection');
  const reader = connect((server.address() as { port: number }).port, '127.0.0.1');
  const [writer] = (await accepted) as [Socket];
  const close = () => {
    server.close();
    writer.destroy();
    reader.destroy();
  };
  return [writer, reader, close];
}

test('replies › one connection writes a bounded amount before others do', async (t) => {
  const [socket, reader, close] = await connected();
  t.teardown(close);
  for (const [chunk, most] of [
    ['ok\n', 130],
    ['x'.repeat(40_000), 4],
    ['', 4],
  ] as const) {
    let pulled = 0;
    function* reply() {
      for (; pulled < 10_000; pulled++) yield Buffer.from(chunk);
    }
    let slices = 0;
    let go = () => {};
    const writer = new ReplyWriter(new WriteScheduler(), () => go());
    writer.addChunks(reply());
    await new Promise<void>((resolve) => {
      go = () => {
        const before = pulled;
        writer.write(socket, true);
        t.true(
          pulled - before <= most,
          `${pulled - before} chunks of ${chunk.length} bytes at once`,
        );
        if (!writer.isWriting || ++slices === 20) resolve();
      };
      reader.resume();
      go();
    });
    writer.discard();
    t.true(slices >= 20);
  }
});

test('replies › a round of the event loop writes a few blocks, however many lists are written', async (t) => {
  const scheduler = new WriteScheduler();
  let pulled = 0;
  function* endless() {
    for (;;) {
      pulled++;
      yield new Uint8Array(0);
    }
  }
  const [socket, , close] = await connected();
  t.teardown(close);
  const writers = Array.from({ length: 100 }, () => {
    const writer: ReplyWriter = new ReplyWriter(scheduler, () => writer.write(socket, false));
    writer.addChunks(endless());
    writer.write(socket, true);
    return writer;
  });
  for (let round = 0; round < 50; round++) {
    const before = pulled;
    await new Promise((resolve) => setImmediate(resolve));
    t.true(pulled > before && pulled - before <= 16, `${pulled - before} blocks in one round`);
  }
  for (const writer of writers) writer.discard();
});
