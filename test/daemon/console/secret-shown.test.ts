// A ddnsd process with a secret: its output says that one is set, and never the value.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { connectIpc } from '../../../shared/ipc/client.ts';
import { freePort } from '../../fixture/free-port.ts';
import { threadsLine } from '../../fixture/threads.ts';
import { alertMessage, openTls } from '../../fixture/tls-client.ts';
import { makeFolder, messages, runDdnsd, startDdnsd } from '../program.ts';

const word = 'Zq8#vT2!pL6w';
const secret = `${word}-${word}`;

async function prepare(t: Parameters<typeof makeFolder>[0], more: string) {
  const folder = await makeFolder(t);
  const port = await freePort();
  const conf = join(folder, 'ddns.conf');
  const lines = `Interface=127.0.0.1\nPort=${port}\nDatabase=hosts.db\nSocket=s.sock\nLogLevel=trace\n${threadsLine}\n`;
  await writeFile(conf, lines + more);
  return { folder, port, conf, write: (text: string) => writeFile(conf, lines + text) };
}

test('secret shown › --check says that a secret is set, and from which file', async (t) => {
  const { folder, conf, write } = await prepare(t, `Secret=${secret}\n`);
  const given = await runDdnsd(t, ['--check', '--conf', conf]);
  t.is(given.code, 0);
  t.true(given.stdout.includes('\nsecret       set\n'));
  const file = join(folder, 'secret');
  await writeFile(file, `${secret}\n`, { mode: 0o600 });
  await write('SecretFile=secret\n');
  const named = await runDdnsd(t, ['--check', '--conf', conf]);
  t.is(named.code, 0);
  t.true(named.stdout.includes(`\nsecret       set, from ${file}\n`));
  await chmod(folder, 0o755);
  await chmod(file, 0o644);
  const warned = await runDdnsd(t, ['--check', '--conf', conf]);
  const warning = `${file} holds the secret and is readable by everybody on this machine; run: chmod o-rwx ${file}`;
  t.true(warned.stdout.includes(`\nwarning      ${warning}\n`));
  for (const { stdout, stderr } of [given, named, warned])
    t.false((stdout + stderr).includes(word));
});

test('secret shown › a wrong configuration is refused with code 78 and without the value', async (t) => {
  const { folder, conf, write } = await prepare(t, `Secret=${word}\n`);
  const short = await runDdnsd(t, ['--conf', conf]);
  t.deepEqual([short.code, short.stdout], [78, '']);
  t.is(
    short.stderr,
    `${conf}:7: Secret=(hidden): has 12 characters; must have 16 to 1024. Make one with: openssl rand -base64 32\n`,
  );
  await write(`Secert=${secret}\nSecret ${secret}\n`);
  const slips = await runDdnsd(t, ['--conf', conf]);
  t.is(
    slips.stderr,
    [
      `${conf}:7: Secert=(hidden): is not a setting; did you mean Secret?`,
      `${conf}:8: "Secret (hidden)" is not name=value; a comment begins with #`,
      '',
    ].join('\n'),
  );
  await write('SecretFile=secret\n');
  const missing = await runDdnsd(t, ['--conf', conf]);
  const path = join(folder, 'secret');
  t.is(
    missing.stderr,
    `${conf}:7: SecretFile=secret: ${path} does not exist. Make it with: openssl rand -base64 32 > ${path}   and copy it to the other name servers\n`,
  );
  t.is(missing.code, 78);
});

test('secret shown › never in the log, after a reload, or to a console', async (t) => {
  const { folder, port, conf, write } = await prepare(t, 'SecretFile=secret\n');
  const file = join(folder, 'secret');
  await writeFile(file, secret, { mode: 0o600 });
  const { child, line, ended } = await startDdnsd(t, ['--conf', conf]);
  await line(/name server is ready/);
  const client = await openTls(port, secret);
  t.is(await client.ask('alive a 4000\n'), 'ok\n');
  await t.throwsAsync(openTls(port, `${secret}!`), { message: alertMessage(20) });
  const console = await connectIpc(join(folder, 's.sock'), { name: 'test', version: '0' });
  await writeFile(file, `${secret}?`);
  const reloaded = await console.reload();
  t.deepEqual(reloaded, {
    changed: [{ name: 'Secret', from: 'set', to: 'a different one' }],
    waiting: [],
  });
  await write(`Secret=${word}\n`);
  const refused = await t.throwsAsync(console.reload());
  t.true(refused?.message.includes('Secret=(hidden): has 12 characters'));
  const log = await console.log();
  t.true(log.lines.some(({ msg }) => msg.startsWith('Secret changed from set to a different one')));
  const seen = JSON.stringify([await console.status(), await console.subscribe(() => {}), log]);
  console.close();
  child.kill('SIGTERM');
  const { code, stdout, stderr } = await ended;
  t.is(code, 0);
  const said = messages(stdout);
  t.true(said.includes('info: Secret changed from set to a different one: in force now'));
  t.true(said.some((each) => /^error: .*Secret=\(hidden\): has 12 characters/.test(each)));
  t.true(said.some((each) => each.startsWith('debug: malformed: the Secret differs')));
  for (const text of [stdout, stderr, seen, `${refused?.message}`, JSON.stringify(refused)])
    t.false(text.includes(word));
});
