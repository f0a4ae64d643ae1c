import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import test from 'ava';
import { type InitContext, type Terminal, writeConfiguration } from '../../../daemon/cli/init.ts';
import { nextSteps } from '../../../daemon/cli/service.ts';
import { unconfiguredText } from '../../../shared/config/conf-template.ts';
import { loadConfiguration } from '../../../shared/config/load.ts';
import type { ConfigurationSource } from '../../../shared/config/paths.ts';
import { settingDefinitions } from '../../../shared/config/settings.ts';
import type { NetworkInterfaces } from '../../../shared/own-interfaces.ts';
import { programFile } from '../../fixture/programs.ts';
import { makeFolder } from '../program.ts';

const interfaces: NetworkInterfaces = {
  lo: [
    {
      address: '127.0.0.1',
      family: 'IPv4',
      netmask: '255.0.0.0',
      mac: '00:00:00:00:00:00',
      internal: true,
      cidr: '127.0.0.1/8',
    },
  ],
};

/** Answers each prompt from a list, and keeps a transcript. */
function scripted(answers: Record<string, string[]>): Terminal & { transcript: string[] } {
  const transcript: string[] = [];
  return {
    transcript,
    ask: (prompt) => {
      const answer = answers[prompt.split(' ')[0]]?.shift() ?? '';
      transcript.push(prompt + answer);
      return Promise.resolve(answer === 'END' ? null : answer);
    },
    say: (line) => transcript.push(line),
  };
}

const platform = process.platform;

/** `ddnsd --init`; @returns what it prints, line by line */
async function init(source: ConfigurationSource, context: InitContext): Promise<string[]> {
  const written = await writeConfiguration(source, context);
  return [...written.done, ...nextSteps(source, written)];
}

test('init › asks for every setting, and again after an invalid answer', async (t) => {
  const folder = await makeFolder(t);
  const file = join(folder, 'startup.dycfg');
  const terminal = scripted({
    Domain: ['4', '10'],
    Protocol: ['17', '6'],
    Port: ['70000', ' 4525 '],
    Interface: ['127.0.0.1', 'a #b', '::1'],
    TTL: ['60', '90s'],
    Database: ['hosts.db'],
    Socket: [`/${'s'.repeat(107)}`, 'ddnsd.sock'],
  });
  const done = await init({ kind: 'startup', file }, { terminal, platform, interfaces });
  const questions = terminal.transcript.flatMap((line) => /^(\w+) \[/.exec(line)?.[1] ?? []);
  t.deepEqual(
    [...new Set(questions)],
    settingDefinitions.map(({ name }) => name),
  );
  const typed = terminal.transcript.filter((line) => !/^\n|^Settings for|\]: $/.test(line));
  t.deepEqual(typed, [
    'Domain [2]: 4',
    '4: must be 2 (AF_INET) or 10 (AF_INET6)',
    'Domain [2]: 10',
    'Protocol [0]: 17',
    '17: is UDP, but Service=1 is SOCK_STREAM: must be 0 or 6 (TCP)',
    'Protocol [0]: 6',
    'Port [4524]: 70000',
    '70000: must be 1 to 65535',
    'Port [4524]:  4525 ',
    'This machine has: lo 127.0.0.1.',
    'Interface [::]: 127.0.0.1',
    "127.0.0.1: is an IPv4 address, but Domain is 10 (AF_INET6): must be an IPv6 address, an interface's name, or Domain=2",
    'Interface [::]: a #b',
    'a #b: has a # that would start a comment',
    'Interface [::]: ::1',
    'TTL [60m]: 60',
    '60: must be a number and a unit (s, m, h or d), 1s to 30d, for example 90s or 60m',
    'TTL [60m]: 90s',
    'Database [/var/lib/ddnsd/hosts.db]: hosts.db',
    `Socket [/run/ddnsd/ddnsd.sock]: /${'s'.repeat(107)}`,
    `/${'s'.repeat(78)}…: the socket path /${'s'.repeat(107)} has 108 bytes, but a Unix socket path has at most 107; use a shorter folder, for example Socket=/run/ddnsd/ddnsd.sock`,
    'Socket [/run/ddnsd/ddnsd.sock]: ddnsd.sock',
  ]);
  t.true(
    terminal.transcript.includes(
      '\nPort for nodes and the other name servers: TCP, and with Service=2 UDP as well.\nAllowed: 1 to 65535.',
    ),
  );
  t.deepEqual(done, [
    `wrote  ${folder}/ddns.conf`,
    'note   Interface=::1: this machine does not have that address, or its link is down. It has: lo 127.0.0.1. Set Interface to one of these, or to :: for all',
    `wrote  ${file}`,
    `next   ddnsd --check --startup ${file}`,
  ]);
  const { settings } = await loadConfiguration({ kind: 'startup', file });
  t.like(settings, {
    domain: 10,
    protocol: 6,
    port: 4525,
    interface: '::1',
    ttlMs: 90_000,
    database: `${folder}/hosts.db`,
    socket: `${folder}/ddnsd.sock`,
    backlog: 100,
  });
  const written = await readFile(join(folder, 'ddns.conf'), 'utf8');
  t.regex(written, /^Port=4525$/m);
  t.regex(written, /^#Backlog=100$/m);
});

test('init › proposes Interface :: with Domain=10, and Enter accepts it', async (t) => {
  const file = join(await makeFolder(t), 'ddns.conf');
  await init(
    { kind: 'conf', file },
    { terminal: scripted({ Domain: ['10'] }), platform, interfaces },
  );
  t.like((await loadConfiguration({ kind: 'conf', file })).settings, {
    domain: 10,
    interface: '::',
  });
});

test('init › writes nothing when the input ends early', async (t) => {
  const folder = await makeFolder(t);
  const source = { kind: 'startup', file: join(folder, 'startup.dycfg') } as const;
  const terminal = scripted({ Port: ['END'] });
  await t.throwsAsync(init(source, { terminal, platform, interfaces }), {
    code: 'abandoned',
    message: 'cancelled: nothing was written. Start again with: ddnsd --init',
  });
  t.deepEqual(await readdir(folder), []);
});

test('init › writes the defaults without a terminal, with a note on the Interface', async (t) => {
  const folder = await makeFolder(t);
  const file = join(folder, 'ddns.conf');
  const done = await init({ kind: 'conf', file }, { terminal: null, platform, interfaces });
  t.deepEqual(done, [
    `wrote  ${file}`,
    'note   Interface=192.168.0.1: this machine does not have that address, or its link is down. It has: lo 127.0.0.1. Set Interface to one of these, or to 0.0.0.0 for all',
    `next   ddnsd --check --conf ${file}`,
  ]);
  t.deepEqual(await readdir(folder), ['ddns.conf']);
});

test('init › keeps an existing ddns.conf, and writes a startup file that names it', async (t) => {
  const folder = await makeFolder(t);
  const file = join(folder, 'startup.dycfg');
  await writeFile(join(folder, 'ddns.conf'), 'Port=4526');
  const terminal = scripted({});
  const done = await init({ kind: 'startup', file }, { terminal, platform, interfaces });
  t.deepEqual(done, [
    `kept   ${folder}/ddns.conf`,
    `wrote  ${file}`,
    `next   ddnsd --check --startup ${file}`,
  ]);
  t.deepEqual(terminal.transcript, []);
  t.is((await loadConfiguration({ kind: 'startup', file })).settings.port, 4526);
});

test('init › does not repeat a refused Secret, and restricts the file to its owner', async (t) => {
  const folder = await makeFolder(t);
  const file = join(folder, 'ddns.conf');
  const terminal = scripted({ Secret: ['Zq8#vT2!', 'Zq8#vT2!Zq8#vT2!'] });
  const done = await init({ kind: 'conf', file }, { terminal, platform, interfaces });
  const said = terminal.transcript.filter((line) => !/\]: /.test(line));
  t.true(said.some((line) => line.startsWith('(hidden): has 8 characters; must have 16 to 1024')));
  t.false([...said, ...done].join('\n').includes('Zq8'));
  t.true(done.includes('note   it contains the secret: make the user of ddnsd its owner (chown)'));
  t.is((await stat(file)).mode & 0o777, 0o600);
  const { settings } = await loadConfiguration({ kind: 'conf', file });
  t.is(settings.secret?.reveal(), 'Zq8#vT2!Zq8#vT2!');
});

test('init › keeps an existing startup file, and writes the ddns.conf it names', async (t) => {
  const folder = await makeFolder(t);
  const file = join(folder, 'startup.dycfg');
  await writeFile(file, 'DDNS_CONF_PATH=conf/mine.conf\n');
  const done = await init({ kind: 'startup', file }, { terminal: null, platform, interfaces });
  t.is(done[0], `wrote  ${folder}/conf/mine.conf`);
  t.is(await readFile(file, 'utf8'), 'DDNS_CONF_PATH=conf/mine.conf\n');
});

test('init › reports a path that cannot be written, with the next step', async (t) => {
  const folder = await makeFolder(t);
  await writeFile(join(folder, 'file'), '');
  await mkdir(join(folder, 'ddns.conf'));
  const file = join(folder, 'file', 'startup.dycfg');
  const context = { terminal: null, platform, interfaces };
  await t.throwsAsync(init({ kind: 'startup', file }, context), {
    code: 'init',
    message: new RegExp(
      `^cannot write ${folder}/file/ddns\\.conf: E[A-Z]+: .*Fix that and run it again$`,
    ),
  });
  await t.throwsAsync(init({ kind: 'startup', file, standard: true }, context), {
    code: 'init',
    message: /, or choose another path: ddnsd --init --startup FILE$/,
  });
});

test('init › takes settings of the command line and the environment, and asks nothing then', async (t) => {
  const folder = await makeFolder(t);
  const file = join(folder, 'ddns.conf');
  const terminal = scripted({});
  const words = ['interface=127.0.0.1', 'NameServers=192.0.2.1, 192.0.2.2:4000', 'TTL=5m'];
  const env = { DDNS_TTL: '9m', DDNS_BACKLOG: '7', DDNS_SERVICE_HOST: 'x', DDNS_STARTUP: 'x' };
  const done = await init({ kind: 'conf', file }, { terminal, words, env, platform, interfaces });
  t.deepEqual(done, [`wrote  ${file}`, `next   ddnsd --check --conf ${file}`]);
  t.deepEqual(terminal.transcript, []);
  const set = (await readFile(file, 'utf8')).match(/^\w+=.*/gm);
  t.deepEqual(set, [
    'Interface=127.0.0.1',
    'Backlog=7',
    'TTL=5m',
    'NameServers=192.0.2.1, 192.0.2.2:4000',
  ]);
});

test('init › reports every mistake in what is given, and writes nothing', async (t) => {
  const folder = await makeFolder(t);
  const source = { kind: 'conf', file: join(folder, 'ddns.conf') } as const;
  const words = [
    'Port=70000',
    'Intrface=::1',
    'verbose',
    'Zone=a #b',
    'TTL=',
    'Backlog=1',
    'backlog=2',
  ];
  const env = { DDNS_THREADS: 'many', DDNS_INTERFCE: '::1', DDNS_PORT: '1', DDNS_SECRT: 'hidden' };
  const { message } = await t.throwsAsync(
    init(source, { terminal: null, words, env, platform, interfaces }),
    { code: 'configuration' },
  );
  t.deepEqual(message.split('\n').toSorted(), [
    'command line: Intrface=::1: is not a setting; did you mean Interface?',
    'command line: Port=70000: must be 1 to 65535',
    'command line: TTL=: is empty',
    'command line: Zone=a #b: has a # that would start a comment',
    'command line: backlog=2: is given twice; keep one of the two',
    'command line: verbose must be NAME=VALUE',
    'environment: DDNS_INTERFCE=::1: is not a setting; did you mean DDNS_INTERFACE?',
    'environment: DDNS_SECRT=(hidden): is not a setting; did you mean DDNS_SECRET?',
    'environment: DDNS_THREADS=many: must be 1 to 1024',
  ]);
  t.deepEqual(await readdir(folder), []);
});

test('init › replaces a ddns.conf that a package installed without settings, and only such a one', async (t) => {
  const folder = await makeFolder(t);
  const [startup, conf] = [join(folder, 'startup.dycfg'), join(folder, 'ddns.conf')];
  await writeFile(startup, 'DDNS_CONF_PATH=ddns.conf\n');
  await writeFile(conf, unconfiguredText);
  const source = { kind: 'startup', file: startup } as const;
  await t.throwsAsync(loadConfiguration(source), {
    message: `${conf}: has no settings yet. Write them with: ddnsd --init --startup ${startup}`,
  });
  const context = { terminal: null, words: ['Interface=127.0.0.1'], platform, interfaces };
  t.deepEqual(await init(source, context), [
    `wrote  ${conf}`,
    `next   ddnsd --check --startup ${startup}`,
  ]);
  t.is((await loadConfiguration(source)).settings.interface, '127.0.0.1');
  await writeFile(conf, `${unconfiguredText}# mine\n`);
  await t.throwsAsync(init(source, context), { message: /already exists, nothing was written/ });
});

/** ddnsd in a pseudo-terminal; `answer` is called with the whole output whenever it grows. */
async function inTerminal(args: string[], answer: (screen: string) => string | null) {
  const terminal = spawn(process.execPath, [programFile('ddnsd'), ...args], {
    cols: 200,
    rows: 50,
  });
  let screen = '';
  terminal.onData((data) => {
    screen += data;
    const typed = answer(screen);
    if (typed !== null) terminal.write(typed);
  });
  const code = await new Promise<number>((resolve) =>
    terminal.onExit(({ exitCode }) => resolve(exitCode)),
  );
  return { code, screen };
}

test('init › asks on a real terminal, and Enter accepts the value in brackets', async (t) => {
  const conf = join(await makeFolder(t), 'ddns.conf');
  let answered = 0;
  const { code, screen } = await inTerminal(['--init', '--conf', conf], (seen) => {
    const asked = seen.match(/\w+ \[[^\]]+\]: /g) ?? [];
    if (asked.length <= answered) return null;
    answered = asked.length;
    return asked.at(-1)?.includes('Port [') ? '4529\r' : '\r';
  });
  t.is(code, 0);
  t.is(answered, settingDefinitions.length);
  t.regex(screen, /Port \[4524\]: /);
  t.is((await loadConfiguration({ kind: 'conf', file: conf })).settings.port, 4529);
});

for (const [key, typed] of [
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])
  test(`init › on a real terminal ${key} cancels, and nothing is written`, async (t) => {
    const folder = await makeFolder(t);
    let sent = false;
    const { code, screen } = await inTerminal(['--init', '--conf', join(folder, 'c')], (seen) => {
      if (sent || !seen.includes('Domain [2]: ')) return null;
      sent = true;
      return typed;
    });
    t.is(code, 1);
    t.regex(screen, /cancelled: nothing was written/);
    t.deepEqual(await readdir(folder), []);
  });
