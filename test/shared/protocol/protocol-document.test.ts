import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { expiryIntervals } from '../../../daemon/core/expiry/expiry-intervals.ts';
import { createNode } from '../../../shared/node/node.ts';
import { native } from '../../../shared/protocol/dialect.ts';
import * as limits from '../../../shared/protocol/limits.ts';
import { errorCodes } from '../../../shared/protocol/message.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { TcpClient } from '../../fixture/tcp-client.ts';
import { decode, feedReplies } from './wire.ts';

const document = readFileSync(
  new URL('../../../shared/protocol/PROTOCOL.md', import.meta.url),
  'utf8',
);

/** The cells of the table rows below the heading `title`, code marks taken off. */
function tableUnder(title: string): string[][] {
  const section = document.split(/^#+ /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`(.*)`$/, '$1')),
  );
}

test('protocol document › its limits are those of the code', (t) => {
  const documented = tableUnder('Limits').map(([name, value]) => [name, Number(value)]);
  t.deepEqual(Object.fromEntries(documented), { ...limits });
});

test('protocol document › its error codes are those of the code', (t) => {
  t.deepEqual(
    tableUnder('Errors').map(([code]) => code),
    [...errorCodes],
  );
});

test('protocol document › the requests it shows are read, and the replies too', (t) => {
  const sent = [...document.matchAll(/printf '([^']+)'/g)].map(([, text]) =>
    (text as string).replaceAll('\\n', '\n'),
  );
  t.true(sent.length >= 7);
  for (const text of sent.filter((line) => /^[a-z]/.test(line) && !line.includes('70000')))
    t.deepEqual(
      decode(native, text).filter((outcome) => 'code' in outcome),
      [],
      text,
    );
  const shown = [...document.matchAll(/^ {4}((?:hosts|gone|end|ok|pong|error)\b.*)$/gm)];
  t.true(shown.length >= 10);
  const feed = feedReplies();
  for (const [, line] of shown) feed.push(`${line}\n`);
  t.is(feed.refusals, 0, JSON.stringify(feed.outcomes.at(-1)));
  t.is(feed.outcomes.length, shown.length);
});

/** Fails unless the document says so; line breaks do not count. */
function says(t: ExecutionContext, sentence: string): void {
  t.true(document.replace(/\s+/g, ' ').includes(sentence), sentence);
}

test('protocol document › the times of pings are those of the code', (t) => {
  const { pingMs, cycleMs, ttlMs, passMs, scanMs } = expiryIntervals(3_600_000);
  t.deepEqual([pingMs, ttlMs / cycleMs, ttlMs / passMs, ttlMs / scanMs], [5_000, 25, 60, 60]);
  says(t, 'the last of several pings waits 5 s');
  says(t, 'three times (PingAttempts) over TTL/25 (2.4 minutes)');
  t.is(expiryIntervals(250_000).pingMs, 5_000);
  t.is(expiryIntervals(50_000).pingMs, 1_000);
  t.is(expiryIntervals(1_000).pingMs, 250);
  says(t, 'with a TTL below 250 s and three pings it is TTL/50, but at least 250 ms');
  says(t, 'and at least 250 ms. The answer');
});

test('protocol document › limit=0 is an error', (t) => {
  says(t, '`limit=0` is `error bad-option`');
  t.deepEqual(decode(native, 'query a 1 limit=0\n'), [
    { code: 'bad-option', text: 'option "limit=0": must be 1 to 1000000' },
  ]);
});

test('protocol document › a connection stays open after ping, at a name server and at a node', async (t) => {
  says(t, 'The connection stays open for further requests.');
  says(t, 'After a `pong` the node may keep the connection open');
  const server = await startTestServer(t);
  const node = createNode({ listen: '127.0.0.1:0', servers: [`127.0.0.1:${server.port}`] });
  t.teardown(() => node.close());
  t.true(await node.join());
  for (const port of [server.port, Number(node.address.split(':')[1])]) {
    const client = await TcpClient.open(port);
    const pong = await client.ask('ping\n');
    t.regex(pong, /^pong \S+\n$/);
    t.is(await client.ask('ping\n'), pong);
    client.socket.destroy();
  }
});

test('protocol document › a ping registers nobody, and alive does', async (t) => {
  says(t, 'A ping registers and refreshes nothing at a name server.');
  says(t, 'Registers or refreshes the host and sends no list.');
  const server = await startTestServer(t);
  const client = await TcpClient.open(server.port);
  await client.ask('ping\n');
  t.is((await server.status()).hosts.live, 0);
  t.is(await client.ask('alive me 4000\n'), 'ok\n');
  t.is((await server.status()).hosts.live, 1);
});
