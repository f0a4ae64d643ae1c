import { PassThrough } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { connectIpc, type IpcClient, UnreachableError } from '../../../../shared/ipc/client.ts';
import { logHistory } from '../../../../shared/ipc/log-contract.ts';
import type { LogLine } from '../../../../shared/output/log-line.ts';
import {
  followLog,
  logJson,
  logPlain,
  type PrintLogOptions,
  printLog,
} from '../../../../tui/cli/plain/log.ts';
import { createOutput } from '../../../../tui/cli/plain/output.ts';
import { utc } from '../../../../tui/text/format.ts';
import { startTestServer } from '../../../fixture/name-server.ts';
import { exchange } from '../../../fixture/tcp-client.ts';
import { makeFolder } from '../../../fixture/temp-folder.ts';
import { fixedLog, fixedNow } from '../../fixture-data.ts';

const everything: PrintLogOptions = {
  level: 'trace',
  filter: '',
  limit: null,
  json: false,
  zone: utc,
};

/** An output that is read at once. */
function readOutput() {
  const stream = new PassThrough();
  let text = '';
  const looks = new Set<() => void>();
  stream.setEncoding('utf8').on('data', (part) => {
    text += part;
    for (const look of looks) look();
  });
  return {
    stream,
    output: createOutput(stream as unknown as NodeJS.WriteStream),
    text: () => text,
    prints: (pattern: RegExp) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!pattern.test(text)) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        look();
      }),
  };
}

/** Follows the log of whoever has the socket, until the test is over. */
function follow(t: ExecutionContext, socket: string, options: Partial<PrintLogOptions> = {}) {
  const { output, text, prints, stream } = readOutput();
  const complaints: string[] = [];
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const ended = followLog(
    { ...everything, ...options },
    {
      connect: () => connectIpc(socket, { name: 'test', version: '0' }),
      output,
      complain: (message) => complaints.push(message),
      stopped,
    },
  );
  t.teardown(() => {
    stop();
    return ended.catch(() => {});
  });
  return { text, prints, stream, complaints, stop, ended };
}

const messages = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\S+ \S+ UTC +\S+ +/, '').replace(/ {2}.*$/, ''));

test('plain log › a line is when, how urgent, what, and its fields', (t) => {
  const [first, , error] = fixedLog(0);
  t.is(
    logPlain(first as LogLine, utc),
    '2026-05-01 11:59:54 UTC  info   name server is ready  id=6fa90db6582c4147 listen=192.0.2.1:4524 hosts=1190 backlog=100 threads=12 configured, 2 running socket=/run/ddnsd/ddnsd.sock\n',
  );
  t.is(
    logPlain(error as LogLine, utc),
    '2026-05-01 11:59:56 UTC  error  storage failed: registrations are refused  reason=the disk is full: /var/lib/ddnsd/hosts.db could not grow\n',
  );
});

test('plain log › a JSON line has the members that scripts rely on, in their order', (t) => {
  const line: LogLine = { seq: 7, at: fixedNow, level: 'warn', msg: 'm', fields: { a: '1' } };
  t.is(
    logJson(line),
    `{"seq":7,"at":"${new Date(fixedNow).toISOString()}","level":"warn","msg":"m","fields":{"a":"1"}}\n`,
  );
});

test('plain log › what a daemon did not escape is escaped here', (t) => {
  const hostile = '\u001b[2J\u202e\n';
  const line: LogLine = {
    seq: 1,
    at: 0,
    level: hostile as 'info',
    msg: hostile,
    fields: { [hostile]: hostile },
  };
  t.notRegex(logPlain(line, utc).slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u202e]/);
});

test('plain log › level, filter and limit choose among the lines of a name server', async (t) => {
  const server = await startTestServer(t, { settings: { logLevel: 'debug' } });
  await exchange(server.port, 'alive one 4000\nalive two 4001\nalive three 4002\n');
  const client = await server.attach();
  const said = async (options: Partial<PrintLogOptions>) => {
    const { output, text } = readOutput();
    await printLog(client, { ...everything, ...options }, output);
    return text();
  };
  t.deepEqual(messages(await said({})), [
    'name server is ready',
    'host registered',
    'host registered',
    'host registered',
  ]);
  t.deepEqual(messages(await said({ level: 'info' })), ['name server is ready']);
  t.regex(await said({ filter: 'registered !one', limit: 1 }), /^[^\n]*nodeId=three [^\n]*\n$/);
  t.is(await said({ filter: 'nobody' }), '');
  t.is(await said({ limit: 10 * logHistory, level: 'error' }), '');
  const json = (await said({ json: true, limit: 2 })).trimEnd().split('\n');
  t.deepEqual(
    json.map((line) => JSON.parse(line).fields.nodeId),
    ['two', 'three'],
  );
});

test('follow log › the latest lines, then each that comes, as far as it was asked for', async (t) => {
  const server = await startTestServer(t, { settings: { logLevel: 'debug' } });
  await exchange(server.port, 'alive one 4000\nalive two 4001\n');
  const { text, prints, complaints, stop, ended } = follow(t, server.settings.socket, {
    filter: '!two',
    limit: 1,
  });
  await prints(/nodeId=one/);
  await exchange(server.port, 'alive three 4002\nleave two 4001\nleave one 4000\n');
  await prints(/left .*nodeId=one/);
  stop();
  await ended;
  t.deepEqual(
    text()
      .trimEnd()
      .split('\n')
      .map((line) => /host (.*?) {2}.*nodeId=(\w+)/.exec(line)?.slice(1)),
    [
      ['registered', 'one'],
      ['registered', 'three'],
      ['left', 'one'],
    ],
  );
  t.deepEqual(complaints, []);
});

test('follow log › it goes on with the name server that was started anew', async (t) => {
  const folder = makeFolder(t);
  const first = await startTestServer(t, { folder });
  const { text, prints, complaints } = follow(t, first.settings.socket);
  await prints(/ready/);
  await first.close();
  const second = await startTestServer(t, { folder, settings: { logLevel: 'debug' } });
  await exchange(second.port, 'alive one 4000\n');
  await prints(/nodeId=one/);
  t.deepEqual(messages(text()), [
    'name server is ready',
    'name server is ready',
    'host registered',
  ]);
  t.deepEqual(complaints, [
    'no answer from the name server; reconnecting',
    'the name server restarted',
  ]);
});

test('follow log › a name server that is not there at the start is said', async (t) => {
  const { ended } = follow(t, `${makeFolder(t)}/nobody`);
  await t.throwsAsync(ended, { instanceOf: UnreachableError, code: 'not-running' });
});

test('follow log › it ends when nobody reads any more', async (t) => {
  const server = await startTestServer(t, { settings: { logLevel: 'debug' } });
  const { prints, stream, ended } = follow(t, server.settings.socket);
  await prints(/ready/);
  stream.destroy(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }));
  await exchange(server.port, 'alive one 4000\n');
  await ended;
  t.pass();
});

test('follow log › what cannot be read is said, and ends it', async (t) => {
  const server = await startTestServer(t);
  const connect = async (): Promise<IpcClient> => {
    const client = await server.attach();
    return { ...client, log: () => Promise.reject(new Error('no such method')) };
  };
  const { output } = readOutput();
  const complain = () => {};
  const stopped = new Promise(() => {});
  await t.throwsAsync(followLog(everything, { connect, output, complain, stopped }), {
    message: 'no such method',
  });
});

test('follow log › lines that were forgotten meanwhile are counted', async (t) => {
  const server = await startTestServer(t, { settings: { logLevel: 'debug' } });
  const client = await server.attach();
  let asked = 0;
  const connect = async (): Promise<IpcClient> => ({
    ...client,
    log: async (query) => {
      const result = await client.log(query);
      return ++asked === 1 ? result : { ...result, forgotten: 3 };
    },
  });
  const { output, prints } = readOutput();
  const complaints: string[] = [];
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const complain = (message: string) => complaints.push(message);
  const ended = followLog(everything, { connect, output, complain, stopped });
  await prints(/ready/);
  await exchange(server.port, 'alive one 4000\n');
  await prints(/nodeId=one/);
  stop();
  await ended;
  t.deepEqual(complaints, ['3 earlier lines no longer kept']);
});
