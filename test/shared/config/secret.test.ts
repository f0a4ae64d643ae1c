import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { compareSettings } from '../../../shared/config/changes.ts';
import { parseConf } from '../../../shared/config/conf-file.ts';
import { loadConfiguration } from '../../../shared/config/load.ts';
import { ConfigurationError, formatProblem } from '../../../shared/config/problem.ts';
import {
  noSecret,
  readSecretFile,
  Secret,
  secretMistake,
  shownLine,
  shownValue,
} from '../../../shared/config/secret.ts';
import { formatSetting } from '../../../shared/config/settings.ts';
import { defaultSettings, validateConf } from '../../../shared/config/validate.ts';
import { createFileAtomically, privateMode } from '../../../shared/config/write-file.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const context = { file: '/etc/dynamo/DDNS/ddns.conf', platform: 'linux' } as const;
const settings = defaultSettings(context);

/** No run of it is in any message by chance. */
const word = 'Zq8#vT2!pL6w';
const good = `${word}-${word}`;

function problems(text: string): string[] {
  return validateConf(parseConf(text), context).problems.map(formatProblem);
}

test('secret › however a secret is printed, it is the word set', (t) => {
  const secret = new Secret(good);
  const shown = [`${secret}`, JSON.stringify({ secret }), inspect({ secret }, { depth: 9 })];
  t.deepEqual(shown, ['set', '{"secret":"set"}', '{ secret: Secret(set) }']);
  t.is(secret.reveal(), good);
  t.deepEqual(Object.keys(secret), []);
  t.is(formatSetting({ ...settings, secret }, 'secret'), 'set');
});

test('secret › two secrets are equal if their texts are', (t) => {
  t.true(new Secret(good).equals(new Secret(good)));
  t.false(new Secret(good).equals(new Secret(`${good}x`)));
});

test('secret › a second one that is accepted counts, and is not shown either', (t) => {
  const [both, swapped] = [new Secret(good, `${good}2`), new Secret(`${good}2`, good)];
  t.deepEqual([both.reveal(), both.revealOther()], [good, `${good}2`]);
  t.is(formatSetting({ ...settings, secret: both }, 'secret'), 'set, and a second one');
  t.is(inspect(both), 'Secret(set, and a second one)');
  t.true(both.equals(new Secret(good, `${good}2`)));
  for (const other of [new Secret(good), swapped]) t.false(both.equals(other));
});

test('secret › Secret= is understood, none is none', (t) => {
  const read = validateConf(parseConf(`Secret=${good}`), context).settings;
  t.is(read?.secret?.reveal(), good);
  t.is(read?.secretFile, null);
  t.is(validateConf(parseConf('Secret=None\nSecretFile=NONE'), context).settings?.secret, null);
  t.is(
    validateConf(parseConf('SecretFile=my secret'), context).settings?.secretFile,
    '/etc/dynamo/DDNS/my secret',
  );
});

const recipe = 'Make one with: openssl rand -base64 32';

test('secret › 16 to 1024 characters are allowed, whatever they are', (t) => {
  for (const text of ['x'.repeat(16), 'x'.repeat(1024), '🦉'.repeat(16), 'correct horse battery'])
    t.is(secretMistake(text), null, text);
  t.is(secretMistake('x'.repeat(15)), `has 15 characters; must have 16 to 1024. ${recipe}`);
  t.is(secretMistake('🦉'.repeat(15)), `has 15 characters; must have 16 to 1024. ${recipe}`);
  t.is(secretMistake('x'.repeat(1025)), `has 1025 characters; must have 16 to 1024. ${recipe}`);
  const control = 'must be one line without control characters';
  for (const bad of ['\n', '\t', '\0', '\u001b', '\u0085'])
    t.is(secretMistake(`${good}${bad}${good}`), control);
});

const hiding: [line: string, says: string][] = [
  [`Secret=${word}`, `:1: Secret=(hidden): has 12 characters; must have 16 to 1024. ${recipe}`],
  [
    `sEcReT = ${word}\u0007${word}`,
    ':1: sEcReT=(hidden): must be one line without control characters',
  ],
  [
    `Secret=${good}\nSECRET=${word}x`,
    ':2: SECRET=(hidden): is set twice; line 1 already says Secret=(hidden). Keep one of the two',
  ],
  [`Secrte=${good}`, ':1: Secrte=(hidden): is not a setting; did you mean Secret?'],
  [`ecret=${good}`, ':1: ecret=(hidden): is not a setting; did you mean Secret?'],
  [`Secret ${good}`, ':1: "Secret (hidden)" is not name=value; a comment begins with #'],
  [`secert: ${good}`, ':1: "secert (hidden)" is not name=value; a comment begins with #'],
  [
    `Secret=${good.repeat(200)}`,
    ':1: "Secret (hidden)" has 5007 characters, but a line has at most 4096',
  ],
  [
    `Sec\0ret=${good}`,
    ':1: "Sec\\x00ret (hidden)" has a NUL character; save the file as UTF-8 text',
  ],
  [
    `Port=1\rSecret=${good}`,
    ':1: "Port=1\\x0dSecret (hidden)" has a carriage return within it; end each line with \\n or \\r\\n',
  ],
  [`Backlog=1\u2028Secret=${good}`, ':1: Backlog=1\\u{2028}Secret=(hidden): must be 1 to 65535'],
  [`Sec\u0007ret=${good}`, ':1: Sec\\x07ret=(hidden): is not a setting; did you mean Secret?'],
  [
    `Secret=${good}\nSecretFile=secret.txt`,
    ':2: SecretFile=secret.txt: is set as well as Secret in line 1; keep one of the two',
  ],
];

for (const [line, says] of hiding)
  test(`secret › is not quoted: ${says.slice(0, 60)}`, (t) => {
    t.deepEqual(problems(line), [context.file + says]);
  });

for (const name of ['export Secret', 'Password', 'SharedSecret', 'my_secret', 'PSK', 'Passphrase'])
  test(`secret › ${name} is no setting, and its value is not quoted`, (t) => {
    const [problem] = problems(`${name}=${good}`);
    t.true(problem?.startsWith(`${context.file}:1: ${name}=(hidden): is not a setting`), problem);
    t.false(problem?.includes(word));
  });

test('secret › values of other settings are quoted as before', (t) => {
  for (const name of ['SecretFile', 'Socket', 'Port', 'Colour', 'Database'])
    t.is(shownValue(name, 'value'), 'value', name);
  t.is(shownLine('Port 4524'), 'Port 4524');
});

test('secret › a changed secret applies at once, as do the first one and none, and no value is shown', (t) => {
  const [one, other] = [new Secret(good), new Secret(`${good}!`)];
  const change = (from: Secret | null, to: Secret | null) =>
    compareSettings({ ...settings, secret: from }, { ...settings, secret: to });
  t.like(change(one, other), {
    changed: [{ name: 'Secret', from: 'set', to: 'a different one' }],
    waiting: [],
    inForce: { secret: other },
  });
  t.deepEqual(change(one, new Secret(good, `${good}!`)).changed, [
    { name: 'Secret', from: 'set', to: 'set, and a second one' },
  ]);
  t.like(change(null, new Secret(noSecret, good)), {
    changed: [{ name: 'Secret', from: 'none', to: 'set, accepted but not used' }],
    waiting: [],
  });
  t.like(change(one, new Secret(good, noSecret)), {
    changed: [{ name: 'Secret', from: 'set', to: 'set, used but not demanded' }],
    waiting: [],
  });
  t.deepEqual(change(one, null).changed, [{ name: 'Secret', from: 'set', to: 'none' }]);
  t.like(change(one, new Secret(good)), { changed: [], waiting: [] });
  const [file, next] = [
    { ...settings, secretFile: null },
    { ...settings, secret: one },
  ];
  t.deepEqual(
    compareSettings(file, { ...next, secretFile: '/secret' }).changed.map(({ name }) => name),
    ['Secret', 'SecretFile'],
    'the file is read with its secret',
  );
});

async function conf(t: ExecutionContext, text: string) {
  const folder = makeFolder(t);
  const file = join(folder, 'ddns.conf');
  await writeFile(file, text);
  return { folder, file, load: () => loadConfiguration({ kind: 'conf', file }) };
}

test('secret file › its line is the secret, without the white space around it', async (t) => {
  const { folder, load } = await conf(t, 'SecretFile=secret.txt\n');
  const path = join(folder, 'secret.txt');
  for (const text of [good, `${good}\n`, `${good}\r\n`, `\ufeff  ${good} \n\n`]) {
    await writeFile(path, text, { mode: 0o600 });
    const { settings: read, warnings } = await load();
    t.is(read.secret?.reveal(), good);
    t.is(read.secretFile, path);
    t.deepEqual(warnings, []);
  }
});

test('secret file › of two lines the first is the secret, and the other one is accepted as well', async (t) => {
  const { folder, load } = await conf(t, 'SecretFile=secret.txt\n');
  for (const text of [`${good}\n${good}2`, ` ${good} \r\n\t${good}2\r\n\r\n`]) {
    await writeFile(join(folder, 'secret.txt'), text, { mode: 0o600 });
    const { secret } = (await load()).settings;
    t.deepEqual([secret?.reveal(), secret?.revealOther()], [good, `${good}2`]);
  }
});

test('secret file › a line none stands for no secret', async (t) => {
  const { folder, load } = await conf(t, 'SecretFile=secret.txt\n');
  const lines = async (text: string) => {
    await writeFile(join(folder, 'secret.txt'), text, { mode: 0o600 });
    const { secret } = (await load()).settings;
    return [secret?.reveal(), secret?.revealOther()];
  };
  t.deepEqual(await lines(`none\n${good}\n`), [noSecret, good]);
  t.deepEqual(await lines(`${good}\n None \n`), [good, noSecret]);
});

test('secret file › what is wrong with it names the file, the reason and what to do', async (t) => {
  const { folder, file, load } = await conf(t, '# a comment\nSecretFile=s.txt\n');
  const path = join(folder, 's.txt');
  const says = async (message: string) => {
    const error = await t.throwsAsync(load(), { instanceOf: ConfigurationError });
    t.is(error?.message, `${file}:2: SecretFile=s.txt: ${path} ${message}`);
  };
  const make = `openssl rand -base64 32 > ${path}`;
  await says(`does not exist. Make it with: ${make}   and copy it to the other name servers`);
  await writeFile(path, '');
  await says(`is empty; must hold 16 to 1024 characters. Make one with: ${make}`);
  await writeFile(path, ' \r\n\n');
  await says(`is empty; must hold 16 to 1024 characters. Make one with: ${make}`);
  await writeFile(path, 'none\n');
  await says('holds no secret; add one in a second line, or remove SecretFile from ddns.conf');
  await writeFile(path, `${word}\n`);
  await says(`has 12 characters; must have 16 to 1024. ${recipe}`);
  await writeFile(path, `${good}\n${good}\n`);
  await says('has the same secret in both lines; remove one of them');
  await writeFile(path, `${good}\n${word}\n`);
  await says(`line 2 has 12 characters; must have 16 to 1024. ${recipe}`);
  await writeFile(path, `${good}\n\n${good}2\n`);
  await says('has an empty line 2; remove it: each line is a secret');
  await writeFile(path, [1, 2, 3].map((each) => good + each).join('\n'));
  await says(
    'has 3 lines; at most 2 are allowed: the secret that is used to dial, and another one that is accepted',
  );
  await writeFile(path, Buffer.concat([Buffer.from([0xff, 0xc0]), randomBytes(30)]));
  await says(`is not UTF-8 text; make one with: ${make}`);
  await writeFile(path, 'x'.repeat(9_000));
  await says(
    'has 9000 bytes, but a secret has at most 1024 characters, and there are 2 at most; name the file that holds the secret',
  );
});

test('secret file › a folder is refused, and so is an unreadable file', async (t) => {
  const folder = makeFolder(t);
  const path = join(folder, 'secret');
  await mkdir(path);
  t.deepEqual(await readSecretFile(path), {
    secret: null,
    message: `${path} is not a regular file; name the file that holds the secret`,
  });
  if (process.getuid?.() === 0) return;
  const locked = join(folder, 'locked');
  await writeFile(locked, good, { mode: 0 });
  t.deepEqual(await readSecretFile(locked), {
    secret: null,
    message: `${locked} cannot be read by this user; make it readable for the user that runs ddnsd (chown)`,
  });
});

test('secret file › a program that needs no secret does not read the file', async (t) => {
  const { file } = await conf(t, 'SecretFile=nowhere\nSocket=a.sock');
  const { settings: read } = await loadConfiguration(
    { kind: 'conf', file },
    { withoutSecret: true },
  );
  t.is(read.secret, null);
  t.regex(read.socket, /a\.sock$/);
});

if (process.platform !== 'win32')
  test('secret file › a file that everybody can read causes a warning, and so does a ddns.conf', async (t) => {
    const { folder, file, load } = await conf(t, 'SecretFile=s.txt');
    const path = join(folder, 's.txt');
    await writeFile(path, good);
    await chmod(path, 0o644);
    await chmod(file, 0o644);
    const warning = (which: string) => [
      `${which} holds the secret and is readable by everybody on this machine; run: chmod o-rwx ${which}`,
    ];
    t.deepEqual((await load()).warnings, [], 'others do not get into the folder');
    await chmod(folder, 0o755);
    t.deepEqual((await load()).warnings, warning(path));
    await chmod(path, 0o640);
    t.deepEqual((await load()).warnings, []);
    await writeFile(file, `Secret=${good}`);
    t.deepEqual((await load()).warnings, warning(file));
    await chmod(file, 0o640);
    t.deepEqual((await load()).warnings, []);
  });

test('write › a file with a secret is readable by its owner alone', async (t) => {
  const path = join(makeFolder(t), 'ddns.conf');
  await createFileAtomically(path, good, privateMode);
  t.is(await readFile(path, 'utf8'), good);
  if (process.platform !== 'win32') t.is((await stat(path)).mode & 0o777, 0o600);
});
