// The Debian package and the guide of the service, in a booted Debian: installed, configured, restarted, attacked with
// mistakes, rebooted, upgraded and purged. The lines are those of the guide, word by word.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import manifest from '../../package.json' with { type: 'json' };
import { settingDefinitions } from '../../shared/config/settings.ts';
import { seedRegistry } from '../bench/seed-registry.ts';
import { lookUntil } from '../fixture/look-until.ts';
import { Machine, missingHere, root } from './machine.ts';

const { version } = manifest;
const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
const debs = ['1', '2'].map((revision) => `dynamo-dns_${version}-${revision}_${architecture}.deb`);
const [first, second] = debs as [string, string];

const missing = missingHere();
const booted = missing === null ? test.serial : test.serial.skip;
if (missing !== null) console.error(`skipped, because no Debian can be booted here: ${missing}`);

/** The commands below a heading of the guide, as they stand there. */
function guide(heading: string): string[][] {
  const text = readFileSync(join(root, 'daemon/systemd/README.md'), 'utf8');
  const [, section = ''] = new RegExp(`^## ${heading}\n(.*?)(?=^## )`, 'ms').exec(text) ?? [];
  return [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) =>
    block.trimEnd().split('\n'),
  );
}

const [installDeb, unattended, installNpm, secret] = guide('Install');
const [use] = guide('Use');
const [options] = guide('Options');
const [upgrade] = guide('Upgrade');
const [uninstall, uninstallNpm] = guide('Uninstall');

let machine: Machine;
let folder = '';

test.before(async () => {
  if (missing !== null) return;
  folder = mkdtempSync(join(tmpdir(), 'debs-'));
  for (const revision of ['1', '2'])
    execFileSync(process.execPath, [
      ...[join(root, 'daemon/packaging/package-deb.ts'), '--out', folder],
      ...['--revision', revision, '--compress', 'gzip'],
    ]);
  machine = await Machine.boot();
  for (const deb of debs) copyFileSync(join(folder, deb), join(machine.folder, 'root', deb));
});

test.after.always(async () => {
  await machine?.close();
  if (folder !== '') rmSync(folder, { recursive: true });
});

const state = () => machine.output('systemctl show -p ActiveState --value ddnsd');
const mainPid = () => machine.output('systemctl show -p MainPID --value ddnsd');
const conf = '/etc/dynamo/DDNS/ddns.conf';

/** Runs lines one after the other; each must succeed. @returns what they print */
async function type(lines: readonly string[] | undefined): Promise<string> {
  let printed = '';
  for (const line of lines ?? []) printed += `${await machine.output(line)}\n`;
  return printed;
}

booted('lintian › finds no error in the package', (t) => {
  const { error, status, stdout } = spawnSync(
    'lintian',
    ['--allow-root', '--fail-on', 'error', join(folder, first)],
    { encoding: 'utf8' },
  );
  if (error) return void t.pass('skipped: lintian is missing');
  t.log(stdout);
  t.is(status, 0, stdout);
});

booted('guide › two commands lead from nothing to a running service', async (t) => {
  t.is(installDeb?.[0], `sudo apt install ./${first}`);
  const installed = await machine.output(installDeb?.[0] as string);
  t.regex(installed, /Next: ddnsd --init configures the name server and starts it\./);
  t.is((await machine.run('systemctl is-enabled ddnsd')).output, 'disabled\n');
  // Enter accepts all defaults but one: this machine has only loopback.
  let answered = 0;
  const { output: asked } = await machine.ask(installDeb?.[1] as string, (screen) => {
    const questions = screen.match(/\w+ \[[^\]]+\]: /g) ?? [];
    if (questions.length <= answered) return null;
    answered = questions.length;
    return questions.at(-1)?.startsWith('Interface ') ? '127.0.0.1\r' : '\r';
  });
  t.is(answered, settingDefinitions.length);
  t.regex(asked, /started ddnsd\.service, now and on boot/);
  t.is(await state(), 'active');
  t.is(await machine.output('systemctl is-enabled ddnsd'), 'enabled');
  t.regex(await machine.output('ddns-tui status'), /^hosts +0 live/m);
});

booted('package › has programs, manual pages and completion', async (t) => {
  t.is(
    await machine.output('node --version || echo none'),
    'bash: line 1: node: command not found\nnone',
  );
  for (const program of ['ddnsd', 'ddns-tui', 'ddns-node']) {
    t.regex(await machine.output(`${program} --version`), new RegExp(`^${version}`));
    t.regex(await machine.output(`MANROFFOPT=-ww man --warnings ${program} | cat`), /^OPTIONS$/m);
  }
  t.regex(await machine.output('man ddns.conf | cat'), /Interface=192\.168\.0\.1/);
  const complete = (line: string) =>
    machine.output(
      `source /usr/share/bash-completion/completions/\${0##*/} ; source /usr/share/bash-completion/completions/ddns-tui; COMP_WORDS=(${line} ''); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); compopt() { :; }; _ddns_tui; echo "\${COMPREPLY[@]}"`.replace(
        /^source \S+ ; /,
        '',
      ),
    );
  t.regex(await complete('ddns-tui config'), /^get set reload /);
  t.regex(await complete('ddns-tui config set'), /\bNameServers=/);
  t.is(await complete('ddns-tui log --level'), 'error warn info debug trace');
});

booted('service › a node registers, and a console attaches straight after a restart', async (t) => {
  const said = await machine.output(
    'exec 3<>/dev/tcp/127.0.0.1/4524; echo alive nine 4000 >&3; read -r reply <&3; echo "$reply"',
  );
  t.is(said, 'ok');
  const both = await machine.run('systemctl restart ddnsd && ddns-tui status --plain');
  t.is(both.code, 0, both.output);
});

booted('service › a reload straight after a restart does not end the daemon', async (t) => {
  await machine.output('systemctl restart --no-block ddnsd; systemctl reload ddnsd');
  await machine.output('systemctl restart ddnsd && systemctl reload ddnsd');
  t.is(await state(), 'active');
});

booted(
  'service › restart, reload and enable --now fail when the configuration is wrong',
  async (t) => {
    const pid = await mainPid();
    await machine.output(`cp ${conf} /root/kept && echo TTL=never >> ${conf}`);
    const reload = await machine.run('systemctl reload ddnsd');
    t.not(reload.code, 0);
    t.is(await mainPid(), pid);
    t.is(await state(), 'active');
    t.not((await machine.run('systemctl restart ddnsd')).code, 0);
    t.is(await state(), 'failed');
    await machine.output('systemctl disable --quiet ddnsd');
    t.not((await machine.run('systemctl enable --now ddnsd')).code, 0);
    t.regex(
      await machine.output('journalctl -t ddnsd -p err -o cat -n 1'),
      /ddns\.conf:\d+: TTL=never: /,
    );
    await machine.output(`cat /root/kept > ${conf} && systemctl enable --now ddnsd`);
    t.is(await state(), 'active');
  },
);

booted(
  'service › the journal has priorities, and the lines of the daemon by themselves',
  async (t) => {
    await machine.output(`sed -i s/^#Port=.*/Port=4525/ ${conf} && systemctl reload ddnsd`);
    const warnings = await machine.output('journalctl -t ddnsd -p warning -o cat');
    t.regex(warnings, /"level":"warn".*Port changed from 4524 to 4525: waits for a restart/);
    t.notRegex(warnings, /"level":"info"/);
    const since = await machine.output('systemctl restart ddnsd && date +%s.%N');
    await machine.output('systemctl restart ddnsd');
    const lines = (await machine.output(`journalctl -t ddnsd -o cat --since @${since}`)).split(
      '\n',
    );
    t.true(lines.length > 1);
    for (const line of lines) t.notThrows(() => JSON.parse(line), line);
    t.regex(
      await machine.output('systemctl show -p StatusText --value ddnsd'),
      /^serving 127\.0\.0\.1:4525, /,
    );
    await machine.output(`sed -i s/^Port=4525/#Port=4524/ ${conf} && systemctl restart ddnsd`);
  },
);

booted(
  'service › gives signs of life, and is started again when its event loop stands still',
  async (t) => {
    await machine.output(
      'mkdir -p /run/systemd/system/ddnsd.service.d && printf "[Service]\\nWatchdogSec=3s\\nRestartSec=0\\n" > /run/systemd/system/ddnsd.service.d/test.conf && systemctl daemon-reload && systemctl restart ddnsd',
    );
    const sign = () => machine.output('systemctl show -p WatchdogTimestampMonotonic --value ddnsd');
    const before = await sign();
    t.not(await lookUntil(sign, (now) => now !== before), before);
    const pid = await mainPid();
    await machine.output(`kill -STOP ${pid}`);
    await lookUntil(mainPid, (now) => now !== pid && now !== '0');
    await lookUntil(state, (now) => now === 'active');
    t.regex(await machine.output('journalctl -u ddnsd -o cat'), /Watchdog timeout/);
    await machine.output(
      'rm -r /run/systemd/system/ddnsd.service.d && systemctl daemon-reload && systemctl restart ddnsd',
    );
  },
);

booted(
  'service › a start that takes longer than TimeoutStartSec is waited for when the registry is large, and ended when it is small',
  async (t) => {
    // A disk that takes its time: SQLite is loaded when the registry is opened.
    writeFileSync(
      join(machine.folder, 'srv/slow.mjs'),
      'const { dlopen } = process; process.dlopen = (...all) => { process.dlopen = dlopen; Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 9_000); return dlopen(...all); };',
    );
    await machine.output(
      'mkdir -p /run/systemd/system/ddnsd.service.d && printf "[Service]\\nTimeoutStartSec=6s\\nRestart=no\\nEnvironment=NODE_OPTIONS=--import=/srv/slow.mjs\\n" > /run/systemd/system/ddnsd.service.d/test.conf && systemctl daemon-reload && systemctl stop ddnsd && mv /var/lib/ddnsd /root/kept-data',
    );
    t.not((await machine.run('systemctl start ddnsd')).code, 0);
    t.regex(await machine.output('journalctl -u ddnsd -o cat -n 20'), /start operation timed out/);

    const seeded = join(folder, 'hosts.db');
    // In the schema of an older version, so it is also brought up to date.
    seedRegistry(seeded, { hosts: 400_000 });
    const data = join(machine.folder, 'var/lib/ddnsd');
    rmSync(data, { recursive: true, force: true });
    mkdirSync(data);
    copyFileSync(seeded, join(data, 'hosts.db'));
    await machine.output('chown -R ddnsd:ddns /var/lib/ddnsd && chmod 700 /var/lib/ddnsd');
    await machine.output('systemctl reset-failed ddnsd');
    const started = await machine.run('systemctl start ddnsd');
    t.is(started.code, 0, await machine.output('journalctl -u ddnsd -o short-monotonic -n 30'));
    t.is(await state(), 'active');
    const at = async (what: string) =>
      Number(await machine.output(`systemctl show -p ${what}TimestampMonotonic --value ddnsd`)) /
      1e6;
    const tookS = (await at('ActiveEnter')) - (await at('ExecMainStart'));
    t.log(`the start took ${tookS.toFixed(1)} s`);
    t.true(tookS > 9, `${tookS} s`);
    t.regex(await machine.output('ddns-tui status'), /^hosts +400,?000 live/m);

    await machine.output(
      'systemctl stop ddnsd && rm -r /run/systemd/system/ddnsd.service.d /var/lib/ddnsd /srv/slow.mjs && mv /root/kept-data /var/lib/ddnsd && systemctl daemon-reload && systemctl start ddnsd',
    );
  },
);

booted(
  'guide › one line makes a secret and one copies it, with the rights that it needs',
  async (t) => {
    // The other machine: its /etc/dynamo/DDNS is a folder of this one.
    mkdirSync(join(machine.folder, 'srv/ns2'));
    writeFileSync(
      join(machine.folder, 'usr/local/bin/ssh'),
      '#!/bin/sh\nexec unshare --mount sh -c \'mount --bind "/srv/$0" /etc/dynamo/DDNS && eval "$1"\' "$@"\n',
      { mode: 0o755 },
    );
    await type(secret);
    t.is(
      await machine.output('sha256sum < /srv/ns2/secret'),
      await machine.output('sha256sum < /etc/dynamo/DDNS/secret'),
    );
    t.is(
      await machine.output('stat -c %U:%G:%a /srv/ns2/secret /etc/dynamo/DDNS/secret'),
      'ddnsd:ddns:400\nddnsd:ddns:400',
    );
    t.is(await state(), 'active');
    t.regex(
      await machine.output('ddnsd --check'),
      /^secret +set, from \/etc\/dynamo\/DDNS\/secret$/m,
    );
  },
);

booted('guide › what it says about use and options works', async (t) => {
  const printed = await type(use);
  t.regex(printed, /serving 127\.0\.0\.1:4524/);
  t.regex(await machine.output('id root'), /\(ddns\)/);
  await machine.output('systemd-analyze security --threshold=15 ddnsd');
  await type([options?.join('\n') ?? '']);
  await machine.output(`sed -i s/^#DnsPort=.*/DnsPort=53/ ${conf} && systemctl restart ddnsd`);
  t.is(await state(), 'active');
  await machine.output(
    `sed -i s/^DnsPort=53/#DnsPort=none/ ${conf}; rm -r /etc/systemd/system/ddnsd.service.d; systemctl daemon-reload; systemctl restart ddnsd`,
  );
});

booted('service › starts on boot, with its registry', async (t) => {
  await machine.reboot();
  t.is(await state(), 'active');
  t.regex(await machine.output('ddns-tui hosts --plain'), /127\.0\.0\.1:4000/);
  t.is(await machine.output('systemctl --failed --no-legend'), '');
});

booted(
  'package › an upgrade keeps the configuration, and hands nodes over before it restarts',
  async (t) => {
    const pid = await mainPid();
    const before = await machine.output(`sha256sum ${conf}`);
    t.is(upgrade?.[0], `sudo apt install ./${second}`);
    t.regex(await type(upgrade), /^hosts +1 live/m);
    t.is(await machine.output(`sha256sum ${conf}`), before);
    t.not(await mainPid(), pid);
    t.is(await state(), 'active');
    t.is(await machine.output("dpkg -s dynamo-dns | sed -n 's/^Version: //p'"), `${version}-2`);
    t.regex(
      await machine.output(`journalctl -o cat _PID=${pid} | tail -n 3`),
      /SIGTERM received, stopping.*stopped; 0 requests/s,
    );
    t.regex(await machine.output('systemctl show -p NRestarts --value ddnsd'), /^0$/);
  },
);

booted('package › an upgrade leaves disabled what the administrator disabled', async (t) => {
  await machine.output('systemctl disable --now --quiet ddnsd');
  await machine.output(`apt-get install -y --allow-downgrades ./${first}`);
  t.is(await state(), 'inactive');
  t.is((await machine.run('systemctl is-enabled ddnsd')).output, 'disabled\n');
  await machine.output('systemctl enable --now --quiet ddnsd');
});

booted('package › removed and installed again, it runs as before', async (t) => {
  await machine.output('apt-get remove -y dynamo-dns');
  t.is((await machine.run('ddnsd --version')).code, 127);
  t.regex(await machine.output(`cat ${conf}`), /^Interface=127\.0\.0\.1$/m);
  await machine.output(`apt-get install -y ./${first}`);
  t.is(await state(), 'active');
  t.regex(await machine.output('ddns-tui hosts --plain'), /127\.0\.0\.1:4000/);
});

booted('guide › uninstalling leaves nothing', async (t) => {
  for (const line of uninstall ?? []) {
    let isAsked = false;
    const { code, output } = await machine.ask(line, (screen) => {
      if (isAsked || !screen.includes('Do you want to continue?')) return null;
      isAsked = true;
      return 'y\r';
    });
    t.is(code, 0, line + output);
  }
  t.is(
    await machine.output(
      'find / -xdev \\( -path /proc -o -path /root -o -path /srv -o -path /var/cache/man \\) -prune -o \\( -ipath "*ddns*" -o -ipath "*dynamo*" -o -nouser \\) -print | grep -v ^/var/log/journal || true',
    ),
    '',
  );
  t.is((await machine.run('id ddnsd')).code, 1);
  t.is((await machine.run('getent group ddns')).code, 2);
  t.is(await machine.output('systemctl --failed --no-legend'), '');
});

booted('guide › an unattended installation asks nothing', async (t) => {
  await machine.output(`ip address add 192.0.2.1/32 dev lo && apt-get install -y ./${first}`);
  // The other name server is not there, which must not matter.
  t.regex(await type(unattended), /started ddnsd\.service/);
  // Its own address is one of the two, which it finds out when it dials it.
  const status = () => machine.output('systemctl show -p StatusText --value ddnsd');
  t.regex(
    await lookUntil(status, (text) => text.includes('of 1 peers')),
    /^serving 192\.0\.2\.1:4524, 0 hosts, 0 of 1 peers alive/,
  );
  await machine.output('apt-get purge -y dynamo-dns; userdel ddnsd; groupdel ddns');
});

booted('guide › the package of npm is installed and uninstalled by its lines', async (t) => {
  const npm = spawnSync('bash', ['-c', 'realpath "$(type -p npm)"'], { encoding: 'utf8' });
  if (npm.status !== 0) return void t.pass('skipped: npm is missing');
  const own = join(machine.folder, 'usr/local');
  execFileSync('cp', ['-r', join(npm.stdout.trim(), '../..'), join(own, 'lib/npm')]);
  copyFileSync(process.execPath, join(own, 'bin/node'));
  writeFileSync(
    join(own, 'bin/npm'),
    '#!/bin/sh\nexec node /usr/local/lib/npm/bin/npm-cli.js "$@"\n',
    { mode: 0o755 },
  );
  // What the machine would download, since it has no network.
  const cache = join(machine.folder, 'root/.npm');
  execFileSync('npm', ['pack', '--silent', '--pack-destination', join(machine.folder, 'root')], {
    cwd: root,
  });
  execFileSync('npm', [
    ...['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts', '--cache', cache],
    ...['--prefix', join(folder, 'npm'), join(machine.folder, `root/dynamo-dns-${version}.tgz`)],
  ]);
  writeFileSync(
    join(machine.folder, 'root/.npmrc'),
    'offline=true\naudit=false\nignore-scripts=true\n',
  );
  await type([installNpm?.join('\n') ?? '']);
  await type(unattended);
  t.is(await state(), 'active');
  await machine.output('systemctl reload ddnsd && ddns-tui status');
  await type([uninstallNpm?.join('\n') ?? '']);
  t.is((await machine.run('ddnsd --version')).code, 127);
  t.is(
    (await machine.run('ls /etc/systemd/system/ddnsd.service /etc/dynamo/DDNS /var/lib/ddnsd'))
      .code,
    2,
  );
});
