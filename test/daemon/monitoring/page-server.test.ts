// The HTTP server for monitoring: what it answers, and what those who are slow, many or wrong cannot do to it.
import test, { type ExecutionContext } from 'ava';
import { mostConnections, PageServer, textPage } from '../../../daemon/monitoring/page-server.ts';
import { ask } from '../../fixture/metrics-page.ts';
import { TcpClient } from '../../fixture/tcp-client.ts';

const long = 'x'.repeat(100_000);

async function start(t: ExecutionContext) {
  const counts = { made: 0 };
  const failures: unknown[] = [];
  const pages = new Map([
    ['/page', () => textPage(200, `made ${++counts.made}`)],
    ['/long', () => textPage(200, long)],
    [
      '/broken',
      () => {
        throw new Error('a bug');
      },
    ],
  ]);
  const server = new PageServer(pages, (error) => failures.push(error));
  const { port } = await server.start({ address: '127.0.0.1', port: 0 });
  t.teardown(() => server.close());
  return { port, counts, failures };
}

test('pages › HEAD is answered like GET, without the body', async (t) => {
  const { port } = await start(t);
  const [get, head] = [await ask(port, '/long'), await ask(port, '/long', { method: 'HEAD' })];
  t.deepEqual([get.status, head.status], [200, 200]);
  t.deepEqual([get.body.length, head.body.length], [long.length + 1, 0]);
  t.is(head.headers['content-length'], String(get.body.length));
  t.is(head.headers['content-type'], get.headers['content-type']);
});

test('pages › a query string is ignored, another path is 404, and its text is not repeated', async (t) => {
  const { port } = await start(t);
  t.is((await ask(port, '/page?collect[]=cpu')).status, 200);
  const { status, body } = await ask(port, '/%3Cscript%3E');
  t.deepEqual([status, body.includes('script')], [404, false]);
});

test('pages › another method is refused, and its body is not read', async (t) => {
  const { port } = await start(t);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    const { status, headers } = await ask(port, '/page', { method, body: long });
    t.deepEqual([status, headers.allow], [405, 'GET, HEAD'], method);
    t.is(headers.connection, 'close');
  }
});

test('pages › a page is made four times a second at most, however often it is asked for', async (t) => {
  const { port, counts } = await start(t);
  const began = performance.now();
  await Promise.all(Array.from({ length: 50 }, () => ask(port, '/page')));
  const most = 1 + (performance.now() - began) / 250;
  t.true(counts.made <= most, `made ${counts.made} times, ${most} at most`);
});

test('pages › what is wrong with a page is an answer and a report, not the end of the program', async (t) => {
  const { port, failures } = await start(t);
  t.is((await ask(port, '/broken')).status, 500);
  t.deepEqual(failures.map(String), ['Error: a bug']);
  t.is((await ask(port, '/page')).status, 200);
});

test('pages › a head over 8 KiB is refused', async (t) => {
  const { port } = await start(t);
  const client = await TcpClient.open(port);
  client.socket.write(`GET /page HTTP/1.1\r\nHost: a\r\nX-Long: ${'y'.repeat(9_000)}\r\n\r\n`);
  t.regex(await client.closed, /^HTTP\/1\.1 431 /);
});

test('pages › clients that never finish a request keep nobody out', async (t) => {
  const { port } = await start(t);
  const slow = await Promise.all(
    Array.from({ length: 4 * mostConnections }, async () => {
      const client = await TcpClient.open(port);
      client.socket.write('GET /page HTTP/1.1\r\nX-Slow: ');
      return client;
    }),
  );
  t.is((await ask(port, '/page')).status, 200);
  // The oldest gave way; those that are left miss their deadline.
  const answers = await Promise.all(slow.map(({ closed }) => closed));
  const late = answers.filter((answer) => answer.startsWith('HTTP/1.1 408 '));
  t.true(late.length > 0 && late.length <= mostConnections, `${late.length} were told to be late`);
  t.is(answers.filter((answer) => answer === '').length, answers.length - late.length);
});

test('pages › a client that asks a thousand times and reads nothing costs little memory', async (t) => {
  const { port } = await start(t);
  await ask(port, '/long');
  const before = process.memoryUsage().rss;
  const client = await TcpClient.open(port);
  client.socket.pause();
  client.socket.write('GET /long HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1_000));
  for (let i = 0; i < 20; i++) t.is((await ask(port, '/page')).status, 200);
  const grown = (process.memoryUsage().rss - before) / 1_048_576;
  t.true(grown < 50, `${grown.toFixed(0)} MB for 100 MB of answers`);
  client.socket.destroy();
});
