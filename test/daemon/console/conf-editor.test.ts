// ddns.conf edited through a running name server: real files, a real socket.
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadConfiguration } from '../../../shared/config/load.ts';
import { keptValue } from '../../../shared/config/masked-text.ts';
import { settingDefinitions } from '../../../shared/config/settings.ts';
import type { IpcClient } from '../../../shared/ipc/client.ts';
import {
  type ConfigResult,
  maxEditedCharacters,
  type SaveResult,
} from '../../../shared/ipc/config-contract.ts';
import { ipcErrors } from '../../../shared/ipc/contract.ts';
import { freePort } from '../../fixture/free-port.ts';
import { startTestServer, type TestServer } from '../../fixture/name-server.ts';
import { makeReadOnly, mountSmallDisk } from '../../fixture/small-disk.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const word = 'Zq8#vT2!pL6w-Zq8#vT2!pL6w';

interface Edited {
  file: string;
  server: TestServer;
  console: IpcClient;
  text(): string;
}

/** Starts a name server with `lines` as its ddns.conf, in a new folder or in `folder`. */
async function serveConf(
  t: ExecutionContext,
  lines: string,
  folder: string = makeFolder(t),
): Promise<Edited> {
  const file = join(folder, 'ddns.conf');
  const data = makeFolder(t);
  const port = await freePort();
  const places = `Database=${data}/hosts.db\nSocket=${data}/s.sock\nPort=${port}\n`;
  writeFileSync(file, `Interface=127.0.0.1\n${places}${lines}`);
  const reload = () => loadConfiguration({ kind: 'conf', file });
  const { settings } = await reload();
  const server = await startTestServer(t, { settings, confFile: file, reload, folder: data });
  const console = await server.attach();
  return { file, server, console, text: () => readFileSync(file, 'utf8') };
}

function setting({ settings }: ConfigResult, name: string) {
  const found = settings.find((each) => each.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

async function fingerprintOf(console: IpcClient): Promise<string> {
  const { fingerprint } = await console.config();
  if (fingerprint === null) throw new Error('ddns.conf has no fingerprint');
  return fingerprint;
}

async function save(
  console: IpcClient,
  edits: Record<string, string | null>,
  fingerprint?: string,
): Promise<SaveResult> {
  return console.saveConfig({
    edits: Object.entries(edits).map(([name, value]) => ({ name, value })),
    fingerprint: fingerprint ?? (await fingerprintOf(console)),
  });
}

const comments = '# ours\n  backlog = 50   # more did not help\n\n#TTL=60m\nLOGLEVEL=error\n';

test('conf editor › shows every setting, its default, and what waits for a restart', async (t) => {
  const { file, console, text } = await serveConf(t, comments);
  const config = await console.config();
  t.is(config.file, file);
  t.is(config.text, text());
  t.deepEqual(
    [config.problems, config.unwritable, config.settings.length],
    [[], null, settingDefinitions.length],
  );
  t.like(setting(config, 'Backlog'), {
    value: '50',
    default: '100',
    allowed: '1 to 65535',
    applies: 'live',
    waiting: null,
  });
  writeFileSync(file, text().replace('= 50', '= 60').concat('Threads=2\n'));
  const later = await console.config();
  t.not(later.fingerprint, config.fingerprint);
  t.like(setting(later, 'Backlog'), { value: '50', waiting: '60' });
  t.like(setting(later, 'Threads'), { applies: 'restart', value: '12', waiting: '2' });
});

test('conf editor › saved settings are in force or wait for a restart; comments, order and spelling stay', async (t) => {
  const { file, server, console, text } = await serveConf(t, comments);
  const before = text();
  const checked = await console.checkConfig({
    edits: [
      { name: 'Backlog', value: '200' },
      { name: 'ttl', value: '90s' },
      { name: 'Threads', value: '3' },
    ],
  });
  t.is(text(), before, 'checking writes nothing');
  t.deepEqual(
    checked.difference.filter(({ kind }) => kind !== 'same').map(({ kind, text }) => [kind, text]),
    [
      ['removed', '  backlog = 50   # more did not help'],
      ['added', '  backlog = 200   # more did not help'],
      ['added', 'TTL=90s'],
      ['added', 'Threads=3'],
    ],
  );
  const saved = await save(
    console,
    { Backlog: '200', TTL: '90s', Threads: '3', LogLevel: null },
    checked.fingerprint,
  );
  if (saved.outcome !== 'saved') return t.fail(saved.outcome);
  t.deepEqual(saved.changed, [
    { name: 'Backlog', from: '50', to: '200' },
    { name: 'TTL', from: '60m', to: '90s' },
    { name: 'LogLevel', from: 'error', to: 'info' },
  ]);
  t.deepEqual(saved.waiting, [{ name: 'Threads', from: '12', to: '3' }]);
  t.is(
    text(),
    before
      .replace('= 50', '= 200')
      .replace('#TTL=60m\n', '#TTL=60m\nTTL=90s\n')
      .replace('LOGLEVEL=error\n', 'Threads=3\n'),
  );
  t.is(readFileSync(saved.backup, 'utf8'), before);
  t.is(saved.backup, `${file}.bak`);
  t.like(setting(saved.config, 'Backlog'), { value: '200', waiting: null });
  const status = await server.status();
  t.deepEqual([status.backlog.limit, status.ttlMs], [200, 90_000]);
  t.deepEqual(status.config.restartNeeded, ['Threads']);
  t.deepEqual(await save(console, { Backlog: '200' }), {
    outcome: 'unchanged',
    config: saved.config,
  });
});

test('conf editor › a file that changed on disk is not overwritten', async (t) => {
  const { file, server, console, text } = await serveConf(t, comments);
  const fingerprint = await fingerprintOf(console);
  writeFileSync(file, text().replace('# ours', '# theirs'));
  const result = await save(console, { Backlog: '200' }, fingerprint);
  if (result.outcome !== 'conflict') return t.fail(result.outcome);
  t.true(result.config.text?.includes('# theirs'));
  t.true(text().includes('backlog = 50'));
  t.is((await server.status()).backlog.limit, 50);
  t.is((await save(console, { Backlog: '200' })).outcome, 'saved');
  t.true(text().includes('# theirs') && text().includes('backlog = 200'));
});

test('conf editor › of two concurrent saves one is a conflict', async (t) => {
  const { server, console, text } = await serveConf(t, comments);
  const other = await server.attach();
  const fingerprint = await fingerprintOf(console);
  const results = await Promise.all([
    save(console, { Backlog: '70' }, fingerprint),
    save(other, { TTL: '2m' }, fingerprint),
  ]);
  t.deepEqual(results.map(({ outcome }) => outcome).sort(), ['conflict', 'saved']);
  t.not(text().includes('backlog = 70'), text().includes('TTL=2m'));
});

test('conf editor › mistakes are reported with line, value and allowed values, and nothing is written', async (t) => {
  const { console, text } = await serveConf(t, comments);
  const before = text();
  const wrong = `${before}TTL=5x\nPrto=1\nSecret=short\n`;
  const { problems } = await console.checkConfig({ text: wrong });
  t.deepEqual(
    problems.map(({ line, name, value, allowed }) => [line, name, value, allowed]),
    [
      [10, 'TTL', '5x', '1s to 30d, as a number and s, m, h or d'],
      [11, 'Prto', '1', null],
      [12, 'Secret', '(hidden)', 'none, or 16 to 1024 characters'],
    ],
  );
  const fingerprint = await fingerprintOf(console);
  t.is((await console.saveConfig({ text: wrong, fingerprint })).outcome, 'refused');
  const edits = await console.checkConfig({ edits: [{ name: 'Nope', value: '1' }] });
  t.regex(edits.problems[0]?.message ?? '', /^is not a setting; known: Domain, /);
  const missing = await save(console, { SecretFile: 'nowhere' });
  if (missing.outcome !== 'refused') return t.fail(missing.outcome);
  t.regex(missing.problems[0]?.message ?? '', /^is not a usable secret file/);
  t.is(text(), before);
});

test('conf editor › an Interface that this machine lacks is a warning', async (t) => {
  const { console } = await serveConf(t, '');
  const edits = [{ name: 'Interface', value: '192.0.2.77' }];
  const { problems, warnings } = await console.checkConfig({ edits });
  t.deepEqual(problems, []);
  t.regex(warnings[0] ?? '', /^Interface=192\.0\.2\.77: this machine does not have that address/);
});

test('conf editor › a secret is never sent to consoles, and stays when its masked line comes back', async (t) => {
  const { server, console, text } = await serveConf(
    t,
    `#Secret=old ${word}\nSecret=${word}  # ${word}\n`,
  );
  const seen: unknown[] = [];
  const config = await console.config();
  seen.push(config);
  t.is(setting(config, 'Secret').value, 'set');
  const lines = (config.text ?? '').split('\n');
  t.deepEqual(lines.slice(4, 6), [`#Secret=${keptValue}`, `Secret=${keptValue}`]);
  const edited = `Backlog=7\n${config.text}`;
  const checked = await console.checkConfig({ text: edited });
  seen.push(checked);
  t.deepEqual([checked.problems, checked.waiting], [[], []]);
  const { fingerprint } = checked;
  seen.push(await console.saveConfig({ text: edited, fingerprint }));
  t.true(text().startsWith('Backlog=7\n'));
  t.true(text().endsWith(`#Secret=old ${word}\nSecret=${word}  # ${word}\n`));

  const other = await console.checkConfig({ edits: [{ name: 'Secret', value: `x${word}` }] });
  seen.push(other);
  t.deepEqual(
    other.difference.filter(({ kind }) => kind !== 'same').map(({ text }) => text),
    ['Secret=(hidden)', 'Secret=(hidden, changed)'],
  );
  t.deepEqual(other.changed, [{ name: 'Secret', from: 'set', to: 'a different one' }]);
  const taken = await save(console, { Secret: null });
  seen.push(taken, await console.config());
  const alone = await console.checkConfig({
    text: `SecretFile=${keptValue}\nSecret=${keptValue}\n`,
  });
  seen.push(alone);
  t.deepEqual(
    alone.problems.map(({ line, value }) => [line, value]),
    [[1, keptValue]],
  );
  seen.push(server.logged, await server.status());
  t.false(JSON.stringify(seen).includes('Zq8'));
});

test('conf editor › a secret cannot be guessed from fingerprints', async (t) => {
  const folder = makeFolder(t);
  const first = await serveConf(t, `Secret=${word}\n`, folder);
  const second = await startTestServer(t, { confFile: first.file });
  const other = await second.attach();
  t.is((await other.config()).text, (await first.console.config()).text);
  t.not(await fingerprintOf(other), await fingerprintOf(first.console));
});

test('conf editor › a missing file, a folder and a binary file are reported, and not edited', async (t) => {
  const { file, console, text } = await serveConf(t, comments);
  const before = text();
  const fingerprint = await fingerprintOf(console);
  const isRefused = async (message: RegExp) => {
    const config = await console.config();
    t.deepEqual(
      [config.text, config.fingerprint, config.settings.length],
      [null, null, settingDefinitions.length],
    );
    t.regex(config.problems[0]?.message ?? '', message);
    await t.throwsAsync(save(console, { Backlog: '9' }, fingerprint), {
      code: ipcErrors.badConfiguration,
      message: /It cannot be edited here until that is fixed$/,
    });
  };
  rmSync(file);
  await isRefused(/does not exist/);
  mkdirSync(file);
  await isRefused(/is not a regular file/);
  rmSync(file, { recursive: true });
  writeFileSync(file, Buffer.from([80, 61, 49, 10, 0xff, 10]));
  await isRefused(/is not UTF-8 text/);
  writeFileSync(file, before);
  t.is((await save(console, { Backlog: '9' })).outcome, 'saved');
});

test('conf editor › a file that the daemon may not write is reported before and after a save', async (t) => {
  const disk = mountSmallDisk(t, 256);
  if (disk === null) return;
  const { console, server, text } = await serveConf(t, comments, disk);
  const before = text();
  makeReadOnly(disk);
  const { unwritable } = await console.config();
  t.is(
    unwritable,
    `${disk} is read-only for ddnsd; with systemd, add it to ReadWritePaths, or edit the file as root and reload`,
  );
  await t.throwsAsync(save(console, { Backlog: '9' }), {
    code: ipcErrors.notWritten,
    message: `${disk}/ddns.conf was not saved: ${unwritable}`,
  });
  t.is(text(), before);
  t.is((await server.status()).backlog.limit, 50);
});

test('conf editor › the mode of the file stays, and so do files beside it', async (t) => {
  const folder = makeFolder(t);
  const { file, console } = await serveConf(t, comments, folder);
  renameSync(file, `${file}.tmp`);
  renameSync(`${file}.tmp`, file);
  chmodSync(file, 0o640);
  t.is((await save(console, { Backlog: '9' })).outcome, 'saved');
  t.is(statSync(file).mode & 0o777, 0o640);
  t.deepEqual(readdirSync(folder).sort(), ['ddns.conf', 'ddns.conf.bak']);
});

test('conf editor › parameters over their limits are refused by name', async (t) => {
  const { console } = await serveConf(t, '');
  const invalid = { code: -32602 };
  const tooLong = 'x'.repeat(maxEditedCharacters + 1);
  await t.throwsAsync(console.checkConfig({ text: tooLong }), {
    ...invalid,
    message: `config/check: ✖ the console can edit a ddns.conf of at most ${maxEditedCharacters} characters → at text`,
  });
  await t.throwsAsync(console.checkConfig({}), { ...invalid, message: /either edits or a text/ });
  await t.throwsAsync(console.checkConfig({ text: '', edits: [] }), invalid);
  await t.throwsAsync(console.saveConfig({ text: '' } as never), {
    ...invalid,
    message: /fingerprint/,
  });
  const edits = Array.from({ length: 101 }, () => ({ name: 'Port', value: '1' }));
  await t.throwsAsync(console.checkConfig({ edits }), { ...invalid, message: /edits/ });
});

test('conf editor › a console does not learn what is in a file that it names as SecretFile', async (t) => {
  const folder = makeFolder(t);
  const { console, file, text } = await serveConf(t, '', folder);
  const files: [name: string, content: string | Buffer | null][] = [
    ['missing', null],
    ['empty', ''],
    ['short', 'x'.repeat(11)],
    ['long', 'x'.repeat(2_000)],
    ['longer', 'x'.repeat(9_000)],
    ['binary', Buffer.alloc(40, 0xff)],
    ['lines', 'x\n'.repeat(20)],
  ];
  for (const [name, content] of files)
    if (content !== null) writeFileSync(join(folder, name), content);
  const said = new Set<string>();
  for (const name of [...files.map(([name]) => name), '.', '/dev/null']) {
    const edits = [{ name: 'SecretFile', value: name }];
    const { problems } = await console.checkConfig({ edits });
    const refused = await save(console, { SecretFile: name });
    t.is(refused.outcome, 'refused');
    said.add(JSON.stringify(problems.map(({ message }) => message)));
    said.add(JSON.stringify('problems' in refused && refused.problems.map((each) => each.message)));
  }
  t.is(said.size, 1, [...said].join('\n'));
  t.regex(
    [...said].join(),
    /is not a usable secret file; name a file with one line, or two, of 16 to 1024/,
  );
  // The SecretFile that ddns.conf names was put there by a user who may write it.
  writeFileSync(file, `${text()}SecretFile=short\n`);
  const { problems } = await console.config();
  t.regex(problems[0]?.message ?? '', /short has 11 characters; must have 16 to 1024/);
});

test('conf editor › a secret behind a loose carriage return is not shown', async (t) => {
  const { console, file, text } = await serveConf(t, '');
  writeFileSync(file, `${text()}Backlog=7\rSecret=${word}\nSec\u0007ret=${word}\n`);
  const config = await console.config();
  const edits = [{ name: 'TTL', value: '30m' }];
  const reload = await t.throwsAsync(console.reload());
  const log = await console.log();
  const seen = JSON.stringify([config, await console.checkConfig({ edits }), `${reload}`, log]);
  t.false(seen.includes('Zq8'), seen);
  t.is(config.problems.length, 2);
});
