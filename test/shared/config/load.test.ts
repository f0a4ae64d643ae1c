import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { formatConf, maxConfFileBytes, parseConf } from '../../../shared/config/conf-file.ts';
import {
  confTemplate,
  settingsTable,
  startupTemplate,
} from '../../../shared/config/conf-template.ts';
import { loadConfiguration } from '../../../shared/config/load.ts';
import { type ConfigurationSource, chooseSource } from '../../../shared/config/paths.ts';
import { ConfigurationError, maxProblemsListed } from '../../../shared/config/problem.ts';
import { settingDefinitions } from '../../../shared/config/settings.ts';
import { defaultSettings, validateConf } from '../../../shared/config/validate.ts';
import { createFileAtomically } from '../../../shared/config/write-file.ts';
import { createBelow } from '../../fixture/random.ts';

const test = anyTest as TestFn<{ folder: string; startup: string; conf: string }>;

test.beforeEach(async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ddns-config-'));
  t.context = { folder, startup: join(folder, 'startup.dycfg'), conf: join(folder, 'ddns.conf') };
});

test.afterEach.always((t) => rm(t.context.folder, { recursive: true, force: true }));

type Context = ExecutionContext<{ folder: string; startup: string; conf: string }>;

async function refusal(t: Context, source: ConfigurationSource): Promise<string[]> {
  const error = await t.throwsAsync(loadConfiguration(source), { instanceOf: ConfigurationError });
  t.is(error?.code, 'configuration');
  return error?.message.split('\n') ?? [];
}

test('load › the startup file leads to ddns.conf, relative to its own folder', async (t) => {
  const { folder, startup } = t.context;
  await mkdir(join(folder, 'etc'));
  const conf = join(folder, 'etc', 'my ddns.conf');
  await writeFile(startup, '\ufeff# where\r\nddns_conf_path = etc/my ddns.conf\r\n');
  await writeFile(conf, '# mine\nPort=4525\nDatabase=hosts.db\n');
  t.deepEqual(await loadConfiguration({ kind: 'startup', file: startup }), {
    settings: {
      ...defaultSettings({ file: conf, platform: process.platform }),
      port: 4525,
      database: join(folder, 'etc', 'hosts.db'),
    },
    confFile: conf,
    startupFile: startup,
    document: parseConf('# mine\nPort=4525\nDatabase=hosts.db\n'),
    warnings: [],
  });
});

test('load › a fleet over NATS without a secret is warned of', async (t) => {
  const { conf } = t.context;
  const warningsOf = async (...lines: string[]) => {
    await writeFile(conf, ['Interface=127.0.0.1', ...lines, ''].join('\n'), { mode: 0o600 });
    return (await loadConfiguration({ kind: 'conf', file: conf })).warnings;
  };
  const [warning, ...others] = await warningsOf('Fleet=nats://127.0.0.1');
  t.regex(warning ?? '', /^Fleet is set without a Secret: .*; set the same Secret in/);
  t.deepEqual(others, []);
  t.deepEqual(await warningsOf('Fleet=nats://127.0.0.1', 'Secret=sixteen characters or more'), []);
});

test('load › ddns.conf can be named directly', async (t) => {
  const { conf } = t.context;
  await writeFile(conf, 'Port=4526');
  const { settings, confFile, startupFile } = await loadConfiguration({ kind: 'conf', file: conf });
  t.deepEqual([settings.port, confFile, startupFile], [4526, conf, null]);
});

test('load › mistakes of both files are reported together', async (t) => {
  const { startup, conf } = t.context;
  await writeFile(startup, `DDNS_CONF_PATH=${conf}\nDDNS_CONF_PAHT=x\nother\n`);
  await writeFile(conf, Buffer.concat([Buffer.from('Port=0\nTTL=1\xff\n', 'latin1')]));
  t.deepEqual(await refusal(t, { kind: 'startup', file: startup }), [
    `${startup}:2: DDNS_CONF_PAHT=x: is not a setting; did you mean DDNS_CONF_PATH?`,
    `${startup}:3: "other" is not name=value; a comment begins with #`,
    `${conf}:1: Port=0: must be 1 to 65535`,
    `${conf}:2: is not UTF-8 text; save the file as UTF-8`,
  ]);
});

test('load › a missing startup file says which command writes it', async (t) => {
  const { startup } = t.context;
  const hint = 'or keep everything in a folder of your own: ddnsd --data DIR';
  t.deepEqual(await refusal(t, { kind: 'startup', file: startup }), [
    `${startup}: does not exist. Write it with: ddnsd --init --startup ${startup}   ${hint}`,
  ]);
  t.deepEqual(await refusal(t, { kind: 'startup', file: startup, standard: true }), [
    `${startup}: does not exist. Write it with: ddnsd --init   ${hint}`,
  ]);
});

test('load › a missing ddns.conf is reported for the line that names it', async (t) => {
  const { folder, startup, conf } = t.context;
  await writeFile(startup, '\nDDNS_CONF_PATH=ddns.conf\n');
  t.deepEqual(await refusal(t, { kind: 'startup', file: startup }), [
    `${startup}:2: DDNS_CONF_PATH=ddns.conf: ${conf} does not exist. Write it with: ddnsd --init --startup ${startup}   or keep everything in a folder of your own: ddnsd --data DIR`,
  ]);
  await writeFile(startup, 'DDNS_CONF_PATH=.');
  t.deepEqual(await refusal(t, { kind: 'startup', file: startup }), [
    `${startup}:1: DDNS_CONF_PATH=.: ${folder} is not a regular file`,
  ]);
});

const badStartups: [text: string, problem: string][] = [
  ['', ': does not say where ddns.conf is; add a line such as DDNS_CONF_PATH=ddns.conf'],
  [
    'DDNS_CONF_PATH=',
    ':1: DDNS_CONF_PATH=: has no value; allowed: the path of ddns.conf; a relative one starts at the folder of startup.dycfg',
  ],
  ['DDNS_CONF_PATH="x"', ':1: DDNS_CONF_PATH="x": must not be quoted; spaces are allowed'],
  [
    'DDNS_CONF_PATH="x"\nPort=1',
    ':1: DDNS_CONF_PATH="x": must not be quoted; spaces are allowed\nSTARTUP:2: Port=1: is not a setting; known: DDNS_CONF_PATH',
  ],
];

for (const [text, problem] of badStartups)
  test(`load › a startup file of ${JSON.stringify(text)} is refused`, async (t) => {
    const { startup } = t.context;
    await writeFile(startup, text);
    const lines = await refusal(t, { kind: 'startup', file: startup });
    t.is(lines.join('\n'), startup + problem.replace('STARTUP', startup));
  });

test('load › anything but a readable file of sensible size is refused', async (t) => {
  const { folder, conf } = t.context;
  t.deepEqual(await refusal(t, { kind: 'conf', file: folder }), [
    `${folder}: is not a regular file`,
  ]);
  await writeFile(conf, '\n'.repeat(maxConfFileBytes + 1));
  t.deepEqual(await refusal(t, { kind: 'conf', file: conf }), [
    `${conf}: has 1048577 bytes, but a configuration file has at most 1048576`,
  ]);
  await writeFile(conf, '\n'.repeat(maxConfFileBytes));
  await t.notThrowsAsync(loadConfiguration({ kind: 'conf', file: conf }));
});

test('load › a file that may not be read is refused', async (t) => {
  if (process.getuid?.() === 0) {
    t.pass('root may read everything');
    return;
  }
  const { conf } = t.context;
  await writeFile(conf, '');
  await chmod(conf, 0);
  t.deepEqual(await refusal(t, { kind: 'conf', file: conf }), [
    `${conf}: cannot be read by this user. Run ddnsd as its own user, or as root`,
  ]);
});

test('load › a named pipe is refused without waiting for a writer', async (t) => {
  if (process.platform === 'win32') {
    t.pass('there are no such pipes on Windows');
    return;
  }
  const { conf } = t.context;
  execFileSync('mkfifo', [conf]);
  t.deepEqual(await refusal(t, { kind: 'conf', file: conf }), [`${conf}: is not a regular file`]);
});

test('load › a file full of mistakes lists the first ones and counts the rest', async (t) => {
  const { conf } = t.context;
  await writeFile(conf, 'x\n'.repeat(maxProblemsListed + 7));
  const lines = await refusal(t, { kind: 'conf', file: conf });
  t.deepEqual([lines.length, lines.at(-1)], [maxProblemsListed + 1, 'and 7 more']);
});

test('load › damaged files are settings or a configuration error, never anything else', async (t) => {
  const { conf } = t.context;
  const seed = Date.now() % 1_000_000;
  t.log(`seed ${seed}`);
  const random = createBelow(seed);
  const whole = Buffer.from(confTemplate({ port: '4524', socket: 'x.sock' }, process.platform));
  let refused = 0;
  for (let round = 0; round < 300; round++) {
    const bytes = Buffer.from(whole);
    for (let hits = 1 + random(6); hits > 0; hits--) bytes[random(bytes.length)] = random(256);
    await writeFile(conf, bytes.subarray(0, random(bytes.length + 1)));
    try {
      await loadConfiguration({ kind: 'conf', file: conf });
    } catch (error) {
      t.true(error instanceof ConfigurationError, `seed ${seed}, round ${round}: ${error}`);
      refused++;
    }
  }
  t.true(refused > 0);
});

test('paths › --conf wins over --startup over DDNS_STARTUP over the default', (t) => {
  const env = { DDNS_STARTUP: '/env' };
  t.deepEqual(
    [
      chooseSource({ conf: '/c', startup: '/s' }, env, 'linux'),
      chooseSource({ startup: '/s' }, env, 'linux'),
      chooseSource({}, env, 'linux'),
      chooseSource({}, { DDNS_STARTUP: '' }, 'linux'),
      chooseSource({}, {}, 'win32'),
    ],
    [
      { kind: 'conf', file: '/c' },
      { kind: 'startup', file: '/s' },
      { kind: 'startup', file: '/env', standard: true },
      { kind: 'startup', file: '/etc/dynamo/DDNS/startup.dycfg', standard: true },
      { kind: 'startup', file: 'C:\\dynamo\\ddns\\startup\\startup.dycfg', standard: true },
    ],
  );
});

for (const platform of ['linux', 'win32'] as const)
  test(`template › what is written for ${platform} reads back as the chosen values`, (t) => {
    const file = platform === 'win32' ? 'C:\\x\\ddns.conf' : '/x/ddns.conf';
    const text = confTemplate({ port: '4525', ttlMs: '90s' }, platform);
    const document = parseConf(text);
    t.deepEqual(validateConf(document, { file, platform }), {
      settings: { ...defaultSettings({ file, platform }), port: 4525, ttlMs: 90_000 },
      problems: [],
    });
    t.is(formatConf(document), text);
    t.true(text.includes(`#Backlog=100${platform === 'win32' ? '\r\n' : '\n'}`));
  });

test('template › uncommenting every default gives the defaults', (t) => {
  const text = confTemplate({}, 'linux').replaceAll(/^#(\w+=)/gm, '$1');
  const context = { file: '/x/ddns.conf', platform: 'linux' } as const;
  const { settings } = validateConf(parseConf(text), context);
  t.deepEqual(settings, defaultSettings(context));
  t.is(
    parseConf(text).lines.filter(({ kind }) => kind === 'setting').length,
    settingDefinitions.length,
  );
});

test('template › a path that the format cannot hold is not written', (t) => {
  t.throws(() => startupTemplate('/etc/a #b/ddns.conf', 'linux'), {
    instanceOf: RangeError,
    message: 'DDNS_CONF_PATH: the value has a # that would start a comment',
  });
});

test('template › the table for SETTINGS.md has a row for every setting', (t) => {
  const rows = settingsTable().split('\n');
  t.is(
    rows[2],
    '| Domain | `2` | 2 (AF_INET, IPv4) or 10 (AF_INET6, IPv6) | restart | Address family of the address to listen on. |',
  );
  t.is(rows.length, 2 + settingDefinitions.length + 1);
});

test('write › a new file is there whole, readable for all, and nothing is left beside it', async (t) => {
  const { folder, conf } = t.context;
  await createFileAtomically(conf, 'Port=1\n');
  t.is(await readFile(conf, 'utf8'), 'Port=1\n');
  t.deepEqual(await readdir(folder), ['ddns.conf']);
  if (process.platform !== 'win32') t.is((await stat(conf)).mode & 0o400, 0o400);
});

test('write › an existing file is left as it is', async (t) => {
  const { folder, conf } = t.context;
  await writeFile(conf, 'precious');
  await t.throwsAsync(createFileAtomically(conf, 'Port=1\n'), { code: 'EEXIST' });
  t.is(await readFile(conf, 'utf8'), 'precious');
  t.deepEqual(await readdir(folder), ['ddns.conf']);
});

test('write › a missing folder is an error of its own', async (t) => {
  const path = join(t.context.folder, 'nowhere', 'ddns.conf');
  await t.throwsAsync(createFileAtomically(path, ''), { code: 'ENOENT' });
});
