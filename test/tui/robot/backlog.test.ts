// The Backlog view at a real terminal, and its commands as a script runs them, over a real name server
// with real clients that do not end their requests.
import { spawn } from 'node:child_process';
import test from 'ava';
import { programCommand } from '../../fixture/programs.ts';
import { holdSlowClients, openSlowClients } from '../../fixture/slow-clients.ts';
import type { TcpClient } from '../../fixture/tcp-client.ts';
import { daemonOf } from '../../robot/daemon.ts';
import { SharedConsole } from '../../robot/shared-console.ts';
import { sizes } from '../../robot/terminal.ts';

const daemon = await daemonOf(test);
const shared = new SharedConsole(test);

const host = '127.0.0.1';

function sourceOf({ socket }: TcpClient): string {
  return `${socket.localAddress}:${socket.localPort}`;
}

/** A command without a terminal. */
function run(...parameters: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const [program = '', ...rest] = programCommand('ddns-tui', ...parameters);
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    text.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    text.err += chunk;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...text })));
}

for (const size of sizes) {
  test.serial(
    `console at ${size.rows}x${size.columns} › shows who is in the backlog, and closes one`,
    async (t) => {
      await shared.use(daemon, { ...size, view: 'backlog' }, async (robot) => {
        await robot.sees('0 of 100 in the backlog', 'Backlog empty.');
        const slow = await openSlowClients(t, 3, { port: daemon.port, host });
        const letGo = holdSlowClients(t, slow);
        const all = await robot.sees('3 of 100 in the backlog', ...slow.map(sourceOf), '1 of 3');
        // The one that is selected has its source above the table, too.
        t.true(
          all.some(
            (line) =>
              line.includes(sourceOf(slow[1] as TcpClient)) &&
              /^ \d.* (s|ms) +127\.0\.77\.\d:\d+ +sending request +native +plain/.test(line),
          ),
        );
        robot.type('j');
        await robot.sees('2 of 3');
        robot.type('x');
        const asking = await robot.sees('Close the connection from', 'type close: ');
        const [, source = ''] = /connection from (\S+)\?/.exec(asking.join('\n')) ?? [];
        robot.type('\u001b');
        await robot.sees('x close');
        const selected = slow.find((client) => sourceOf(client) === source) as TcpClient;
        const [first, last] = slow.filter((client) => client !== selected) as [
          TcpClient,
          TcpClient,
        ];
        // One is answered: the selection stays on its connection.
        letGo(first);
        await robot.sees('2 of 100 in the backlog', ' of 2', '1 idle');
        robot.type('x');
        await robot.sees(`Close the connection from ${source}?`, 'type close: █');
        robot.type('clos\r');
        await robot.sees(': clos█');
        robot.type('e\r');
        const closed = await robot.sees(
          `closed ${source} without a reply`,
          '1 of 100 in the backlog',
          sourceOf(last),
        );
        t.is(closed.filter((line) => line.includes(source)).length, 1, 'the notice');
        await selected.closed;
        robot.type('1');
        await robot.sees(`${source} closed by an`);
      });
    },
  );
}

test.serial('console › a connection that is answered meanwhile is not closed', async (t) => {
  await shared.use(daemon, { columns: 200, rows: 24, view: 'backlog' }, async (robot) => {
    const [slow] = (await openSlowClients(t, 1, { port: daemon.port, host })) as [TcpClient];
    const letGo = holdSlowClients(t, [slow]);
    await robot.sees(sourceOf(slow));
    robot.type('xclose');
    await robot.sees(`from ${sourceOf(slow)}?`, 'type close: close█');
    letGo(slow);
    await robot.sees('Backlog empty.');
    robot.type('\r');
    await robot.sees(`closing ${sourceOf(slow)} failed: no connection `, ' in the backlog');
    t.regex(await slow.ask('ping\n'), /^pong /);
  });
});

test.serial('console › with --read-only nothing can be closed', async (t) => {
  const options = { columns: 80, rows: 24, view: 'backlog', parameters: ['--read-only'] } as const;
  await shared.use(daemon, options, async (robot) => {
    const slow = await openSlowClients(t, 1, { port: daemon.port, host });
    holdSlowClients(t, slow);
    await robot.sees('1 of 100 in the backlog');
    robot.type('x/sending\r');
    const screen = await robot.sees('1 of 1 in the backlog  matching sending', 'Esc clear filter');
    t.false(screen.join('\n').includes('close'));
  });
});

test.serial('backlog › prints who is in it, and closes one', async (t) => {
  const at = ['--socket', daemon.socket];
  const empty = await run('backlog', ...at);
  t.deepEqual([empty.code, empty.err], [0, '']);
  t.regex(empty.out, /^0 of 100 in the backlog, .*\n0 of [\d,]+ connections: 0 silent, 0 idle\n$/);
  const slow = await openSlowClients(t, 2, { port: daemon.port, host });
  const letGo = holdSlowClients(t, slow);
  const printed = await run('backlog', '--json', ...at);
  t.is(printed.code, 0, printed.err);
  const { current, connections, entries, missing } = JSON.parse(printed.out);
  t.deepEqual([current, connections.open, missing], [2, 2, []]);
  const ids = new Map<string, string>(
    entries.map(({ source, id }: { source: string; id: string }) => [source, id]),
  );
  const [first, second] = slow as [TcpClient, TcpClient];
  const source = sourceOf(first);
  const id = ids.get(source) ?? '';
  for (const [parameters, message] of [
    [[], 'cannot ask for confirmation without a terminal; add --yes'],
    [['--yes', '--read-only'], 'backlog close makes changes; remove --read-only'],
  ] as const) {
    const refused = await run('backlog', 'close', id, ...parameters, ...at);
    t.deepEqual([refused.code, refused.err], [2, `error: ${message}\n`]);
  }
  const unknown = await run('backlog', 'close', '9-\u001b9', '--yes', ...at);
  t.deepEqual(
    [unknown.code, unknown.err],
    [
      1,
      'ddns-tui: no connection 9-\\x1b9 in the backlog: it was answered or has closed; ddns-tui backlog lists the current ones\n',
    ],
  );
  const closed = await run('backlog', 'close', id, '--yes', ...at);
  t.is(closed.code, 0, closed.err);
  t.regex(closed.out, new RegExp(`^closed ${source} after .* in the backlog without a reply`));
  await first.closed;
  letGo(second);
  t.regex(await second.read(2), /^pong \S+\nok\n/);
});
