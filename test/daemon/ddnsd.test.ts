import { chmod, chown, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { asRoot, otherUser } from '../fixture/other-user.ts';
import { makeFolder, runDdnsd } from './program.ts';

test('ddnsd › --help lists every option, with exit code 0', async (t) => {
  const help = await runDdnsd(t, ['--help']);
  t.is(help.code, 0);
  for (const option of [
    '--startup',
    '--conf',
    '--check',
    '--init',
    '--data',
    '--stop-on-stdin-end',
  ])
    t.regex(help.stdout, new RegExp(`^ {2}${option} `, 'm'));
});

const wrongUsage: [args: string[], says: string][] = [
  [['--colour'], "error: unknown option '--colour'"],
  [['start'], 'error: settings such as start need --init'],
  [['--conf'], "error: option '--conf <file>' argument missing"],
  [
    ['--conf', 'a', '--data', 'b'],
    "error: option '--conf <file>' cannot be used with option '--data <dir>'",
  ],
  [['--init', '--check'], "error: option '--init' cannot be used with option '--check'"],
];

for (const [args, says] of wrongUsage)
  test(`ddnsd › ${args.join(' ')} is wrong usage and ends with 2`, async (t) => {
    t.deepEqual(await runDdnsd(t, args), {
      code: 2,
      stdout: '',
      stderr: `${says}\nTry: ddnsd --help\n`,
    });
  });

test('ddnsd › a missing startup file is exit code 78, with the command that writes one', async (t) => {
  const file = join(await makeFolder(t), 'startup.dycfg');
  const then = 'or keep everything in a folder of your own: ddnsd --data DIR';
  t.deepEqual(await runDdnsd(t, ['--startup', file]), {
    code: 78,
    stdout: '',
    stderr: `${file}: does not exist. Write it with: ddnsd --init --startup ${file}   ${then}\n`,
  });
  t.deepEqual(await runDdnsd(t, [], { DDNS_STARTUP: file }), {
    code: 78,
    stdout: '',
    stderr: `${file}: does not exist. Write it with: ddnsd --init   ${then}\n`,
  });
});

test('ddnsd › all mistakes are reported at once, and nothing is started', async (t) => {
  const folder = await makeFolder(t);
  const conf = join(folder, 'ddns.conf');
  await writeFile(conf, 'Port=70000\nBaklog=1\n\u001b]0;x\u0007=1\n');
  const { code, stdout, stderr } = await runDdnsd(t, ['--conf', conf]);
  t.is(code, 78);
  t.is(stdout, '');
  t.deepEqual(stderr.split('\n').slice(0, 2), [
    `${conf}:1: Port=70000: must be 1 to 65535`,
    `${conf}:2: Baklog=1: is not a setting; did you mean Backlog?`,
  ]);
  t.regex(stderr, /:3: \\x1b\]0;x\\x07=1: is not a setting; known: Domain, /);
  t.deepEqual(await readdir(folder), ['ddns.conf']);
});

test('ddnsd › --check prints what a start would do, and creates nothing', async (t) => {
  const folder = await makeFolder(t);
  const conf = join(folder, 'ddns.conf');
  const startup = join(folder, 'startup.dycfg');
  await writeFile(startup, 'DDNS_CONF_PATH=ddns.conf\n');
  await writeFile(
    conf,
    'Interface=127.0.0.1\nPort=4524\nDatabase=data/hosts.db\nSocket=s.sock\nTTL=90s\n',
  );
  t.deepEqual(await runDdnsd(t, ['--check', '--startup', startup]), {
    code: 0,
    stdout: [
      `startup file ${startup}`,
      `settings     ${conf}`,
      'listens on   127.0.0.1:4524, IPv4, TCP',
      'backlog      100 connections',
      'threads      12 configured, 2 running (3 cores)',
      'TTL          90s',
      'hosts        1000000 at most',
      `database     ${folder}/data/hosts.db (its folder will be created)`,
      `socket       ${folder}/s.sock`,
      'secret       none: replication is not encrypted',
      'metrics      none',
      'log level    info',
      'Configuration OK.\n',
    ].join('\n'),
    stderr: '',
  });
  t.deepEqual((await readdir(folder)).toSorted(), ['ddns.conf', 'startup.dycfg']);
});

test('ddnsd › --check finds a missing Interface and paths that cannot be written', async (t) => {
  const folder = await makeFolder(t);
  const conf = join(folder, 'ddns.conf');
  await writeFile(conf, 'Database=ddns.conf/hosts.db\nInterface=203.0.113.7\nSocket=.\n');
  const { code, stdout, stderr } = await runDdnsd(t, ['--check', '--conf', conf]);
  t.deepEqual([code, stdout], [78, '']);
  t.is(
    stderr.replace(/It has: [^\n]*127\.0\.0\.1[^\n]*\. Set/, 'It has: … Set'),
    [
      `${conf}:2: Interface=203.0.113.7: this machine does not have that address, or its link is down. It has: … Set Interface to one of these, or to 0.0.0.0 for all`,
      `${conf}:1: Database=ddns.conf/hosts.db: ${conf} is not a folder; name another path`,
      `${conf}:3: Socket=.: ${folder} is a folder; name a file inside it\n`,
    ].join('\n'),
  );
});

test('ddnsd › --check finds kernel file systems and devices, where root has the right to write', async (t) => {
  const conf = join(await makeFolder(t), 'ddns.conf');
  const lines = 'Interface=127.0.0.1\nSocket=s.sock\n';
  const kernel = ', a file system of the kernel, where no file can be created; name another path\n';
  for (const [database, says] of [
    ['/proc/x/y', `/proc is in proc${kernel}`],
    ['/sys/hosts.db', `/sys is in sysfs${kernel}`],
    ['/dev/null', '/dev/null is a device or a pipe; name a regular file\n'],
  ]) {
    await writeFile(conf, `${lines}Database=${database}\n`);
    const { code, stderr } = await runDdnsd(t, ['--check', '--conf', conf]);
    t.deepEqual([code, stderr], [78, `${conf}:3: Database=${database}: ${says}`]);
  }
});

asRoot(
  'ddnsd › --check as root finds a secret that the user of the service may not read',
  async (t) => {
    const folder = await makeFolder(t);
    await chmod(folder, 0o755);
    await mkdir(join(folder, 'data'));
    await chown(join(folder, 'data'), otherUser, otherUser);
    const [conf, secret] = [join(folder, 'ddns.conf'), join(folder, 'secret')];
    const places = 'Database=data/hosts.db\nSocket=data/s.sock\n';
    await writeFile(conf, `Interface=127.0.0.1\n${places}SecretFile=secret\n`);
    await writeFile(secret, 'the secret of this network\n', { mode: 0o600 });
    const refused = await runDdnsd(t, ['--check', '--conf', conf]);
    t.is(refused.code, 78);
    t.regex(
      refused.stderr,
      new RegExp(
        `^${conf}:4: SecretFile=secret: ${secret} is not readable by \\S+, the owner of the database .+; run chown \\S+ ${secret},`,
      ),
    );
    await chown(secret, otherUser, otherUser);
    t.is((await runDdnsd(t, ['--check', '--conf', conf])).code, 0);
    await chmod(conf, 0o600);
    t.regex(
      (await runDdnsd(t, ['--check', '--conf', conf])).stderr,
      /^\S+ddns\.conf: \S+ is not readable/,
    );
  },
);

test('ddnsd › --init without a terminal writes the defaults, and never overwrites a file', async (t) => {
  const folder = await makeFolder(t);
  const startup = join(folder, 'etc', 'startup.dycfg');
  const conf = join(folder, 'etc', 'ddns.conf');
  const first = await runDdnsd(t, ['--init', '--startup', startup]);
  t.deepEqual([first.code, first.stderr], [0, '']);
  t.deepEqual(
    first.stdout.split('\n').filter((line) => !line.startsWith('note')),
    [`wrote  ${conf}`, `wrote  ${startup}`, `next   ddnsd --check --startup ${startup}`, ''],
  );
  t.regex(await readFile(startup, 'utf8'), /^DDNS_CONF_PATH=ddns\.conf$/m);
  const written = await readFile(conf, 'utf8');
  t.deepEqual(await runDdnsd(t, ['--init', '--startup', startup]), {
    code: 1,
    stdout: '',
    stderr: `ddnsd: ${conf} already exists, nothing was written. Edit it, then check it with: ddnsd --check --startup ${startup}   (or move it away to start over)\n`,
  });
  t.is(await readFile(conf, 'utf8'), written);
});
