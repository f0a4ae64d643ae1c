// The log as a console gets it from a whole name server.
import { fileURLToPath } from 'node:url';
import test from 'ava';
import type { Delta } from '../../../shared/ipc/status-contract.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { exchange } from '../../fixture/tcp-client.ts';

test('console log › it is what was logged, from the first line on', async (t) => {
  const server = await startTestServer(t);
  const console = await server.attach();
  const { status, lines, forgotten } = await console.log();
  t.deepEqual(status, { level: 'info', lines: server.logged.length });
  t.is(forgotten, 0);
  t.deepEqual(
    lines.map(({ seq, at, level, msg, fields }) => ({
      seq,
      time: new Date(at).toISOString(),
      level,
      msg,
      fields,
    })),
    server.logged.map(({ time, level, msg, ...fields }, index) => ({
      seq: index + 1,
      time,
      level,
      msg,
      fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, `${value}`])),
    })) as never,
  );
  t.is(lines.at(-1)?.msg, 'name server is ready');
});

test('console log › a console learns that there are more lines, and asks for those', async (t) => {
  const server = await startTestServer(t, { settings: { logLevel: 'debug' } });
  const console = await server.attach();
  const { lines: before } = (await console.log()).status;
  const told = new Promise<Delta['status']>((resolve) => {
    void console
      .subscribe(({ status }) => {
        if (status.log) resolve(status);
      })
      .then(() => exchange(server.port, 'alive node 4000\nalive other 4001\nleave node 4000\n'));
  });
  t.deepEqual((await told).log, { level: 'debug', lines: before + 3 });
  const { lines } = await console.log({ after: before });
  t.deepEqual(
    lines.map(({ msg, fields }) => [msg, fields.nodeId]),
    [
      ['host registered', 'node'],
      ['host registered', 'other'],
      ['host left', 'node'],
    ],
  );
  const found = await console.log({ after: before, filter: '4000 !left', level: 'debug' });
  t.deepEqual(found.lines, lines.slice(0, 1));
  t.deepEqual(
    (await console.log({ level: 'info', limit: 1 })).lines[0]?.msg,
    'name server is ready',
  );
});

test('console log › what a stranger sends is in it escaped', async (t) => {
  const server = await startTestServer(t, { settings: { logLevel: 'debug' } });
  await exchange(server.port, 'alive \u001b[31mred\u0007 4000\n');
  const { lines } = await (await server.attach()).log({ filter: 'bad-node-id' });
  t.is(lines.length, 1);
  t.regex(lines[0]?.msg ?? '', /\\x1b\[31mred\\x07/);
  t.notRegex(JSON.stringify(lines), /\\u00/);
});

test('console log › what a worker process refused is in it too', async (t) => {
  const workerProgram = fileURLToPath(
    new URL('../../../daemon/workers/ddnsd-worker.ts', import.meta.url),
  );
  const server = await startTestServer(t, {
    settings: { logLevel: 'debug', threads: 2 },
    workerProgram,
  });
  const reply = await exchange(server.port, 'alive \u001b[31mred 4000\n');
  t.true(reply.startsWith('error bad-node-id'));
  const console = await server.attach();
  const refused = async () => (await console.log({ filter: 'code=bad-node-id' })).lines;
  // A worker reports it when the client has its answer already.
  while ((await refused()).length === 0);
  t.deepEqual(
    (await refused()).map(({ level, fields }) => [level, fields]),
    [['debug', { source: '127.0.0.1', code: 'bad-node-id' }]],
  );
});

test('console log › the level in force follows ddns.conf', async (t) => {
  const server = await startTestServer(t);
  const console = await server.attach();
  t.is((await console.log()).status.level, 'info');
  server.settings.logLevel = 'debug';
  await console.reload();
  await exchange(server.port, 'alive node 4000\n');
  const { status, lines } = await console.log();
  t.is(status.level, 'debug');
  t.is(lines.at(-1)?.msg, 'host registered');
});
