// What the daemon tells systemd, read from the socket as systemd reads it. The receiver is in Perl, because Node
// has no datagrams on Unix sockets; the messages come from systemd-notify itself.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { freePort } from '../../fixture/free-port.ts';
import { programCommand } from '../../fixture/programs.ts';
import { makeFolder, runDdnsd, startDdnsd } from '../program.ts';

const receiver = `
use Socket; $| = 1;
socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die; bind($socket, sockaddr_un($ARGV[0])) or die;
print "bound\\n"; while (defined recv($socket, my $message, 4096, 0)) { print "$message\\n" }`;

/** A test with a notification socket; skipped by name where a program for it is missing. */
const notified = ['perl', 'systemd-notify'].every(
  (program) => spawnSync(program, ['--version']).error === undefined,
)
  ? test
  : test.skip;

/** A notification socket. */
async function listen(t: ExecutionContext) {
  const folder = await makeFolder(t);
  const socket = join(folder, 'notify');
  const child = spawn('perl', ['-e', receiver, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => {
    child.kill();
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  /** The next message; those that only say when systemd-notify may go on are left out. */
  const next = async (): Promise<string> => {
    const { value } = await lines.next();
    return value === 'BARRIER=1' ? next() : (value ?? 'the receiver has ended');
  };
  t.is(await next(), 'bound');
  return { folder, socket, next };
}

function notify(socket: string, message: string): void {
  spawnSync('systemd-notify', [message], { env: { ...process.env, NOTIFY_SOCKET: socket } });
}

async function configure(folder: string, ...lines: string[]): Promise<string> {
  const conf = join(folder, 'ddns.conf');
  const own = ['Interface=127.0.0.1', 'Database=h.db', 'Socket=s.sock', ...lines];
  await writeFile(conf, `${own.join('\n')}\n`);
  return conf;
}

notified(
  'service manager › is told what the name server does, when it is ready, that it lives, and that it stops',
  async (t) => {
    const { folder, socket, next } = await listen(t);
    const port = await freePort();
    // A peer that is not there must not keep the service from being ready.
    const conf = await configure(folder, `Port=${port}`, 'NameServers=127.0.0.2');
    const running = await startDdnsd(t, ['--conf', conf], {
      NOTIFY_SOCKET: socket,
      WATCHDOG_USEC: '300000',
    });
    const serving = `STATUS=serving 127.0.0.1:${port}, 0 hosts, 0 of 1 peers alive, backlog 0 of 100`;
    t.deepEqual(
      [await next(), await next(), await next(), await next(), await next()],
      ['STATUS=starting', serving, 'READY=1', 'WATCHDOG=1', 'WATCHDOG=1'],
    );
    running.child.kill('SIGTERM');
    let message = await next();
    while (message === 'WATCHDOG=1') message = await next();
    t.is(message, 'STOPPING=1');
    t.is((await running.ended).code, 0);
  },
);

notified(
  'service manager › is asked for the time that a large registry takes to load',
  async (t) => {
    const { folder, socket, next } = await listen(t);
    const conf = await configure(folder, `Port=${await freePort()}`);
    // Pages in it, free ones too, take time to read.
    await writeFile(join(folder, 'h.db'), '');
    await truncate(join(folder, 'h.db'), 200_000_000);
    await runDdnsd(t, ['--conf', conf], { NOTIFY_SOCKET: socket });
    t.deepEqual([await next(), await next()], ['STATUS=starting', 'EXTEND_TIMEOUT_USEC=200000000']);
  },
);

notified(
  'service manager › gets no sign of life from an event loop that stands still',
  async (t) => {
    const { folder, socket, next } = await listen(t);
    const conf = await configure(folder, `Port=${await freePort()}`);
    const { child } = await startDdnsd(t, ['--conf', conf], {
      NOTIFY_SOCKET: socket,
      WATCHDOG_USEC: '60000',
    });
    while ((await next()) !== 'WATCHDOG=1');
    child.kill('SIGSTOP');
    // The shell beside it sends what it had got, and then nothing more: twenty marks in a row come without a sign
    // of life between them.
    t.timeout(60_000, 'signs of life do not end');
    for (let mark = 0, inRow = 0; inRow < 20; mark++, inRow++) {
      notify(socket, `STATUS=mark ${mark}`);
      while ((await next()) !== `STATUS=mark ${mark}`) inRow = -1;
    }
    t.pass();
    child.kill('SIGKILL');
  },
);

notified(
  'service manager › is not told that a name server with a wrong configuration is ready',
  async (t) => {
    const { folder, socket, next } = await listen(t);
    const conf = await configure(folder, 'Port=none');
    const { code } = await runDdnsd(t, ['--conf', conf], { NOTIFY_SOCKET: socket });
    t.is(code, 78);
    spawnSync('systemd-notify', ['STATUS=the end'], {
      env: { ...process.env, NOTIFY_SOCKET: socket },
    });
    t.is(await next(), 'STATUS=the end');
  },
);

test('journal › lines have the priority of their level, on standard output and error', async (t) => {
  const folder = await makeFolder(t);
  const file = join(folder, 'journal');
  const output = openSync(file, 'w');
  t.teardown(() => closeSync(output));
  const { dev, ino } = fstatSync(output);
  const end = (conf: string, journal: string) =>
    spawnSync(...command(conf), {
      stdio: ['ignore', output, output],
      env: { ...process.env, JOURNAL_STREAM: journal },
    }).status;
  const command = (conf: string): [string, string[]] => {
    const [program, ...args] = programCommand('ddnsd', '--conf', conf);
    return [program, args];
  };
  // The first is logged as a warning, the second ends the program.
  const conf = await configure(folder, 'Port=none', 'Secret=not readable for everybody', 'TTL=x');
  t.is(end(conf, `${dev}:${ino}`), 78);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  t.is(lines.length, 2);
  for (const line of lines) t.regex(line, /^<3>\/.*ddns.conf:\d: (Port|TTL)=/);
  t.is(end(conf, `${dev}:1`), 78);
  t.notRegex(readFileSync(file, 'utf8').split('\n').slice(2).join('\n'), /<3>/);
});
