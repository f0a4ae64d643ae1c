// The connection to NATS, with the nats-server of the system: which server is reached, by which login, and what
// operators read when none is.
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import ava, { type ExecutionContext } from 'ava';
import { connectNats } from '../../../daemon/replication/nats-bus.ts';
import { type FleetSetting, parseFleet } from '../../../shared/config/fleet.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { NatsServer, natsTest as test } from '../../fixture/nats-server.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const silent = { message: () => {}, lost: () => {}, refused: () => {} };

/** Connects, and closes again. @returns the server that was reached, or why none was */
async function reached(fleet: string, credentials: string | null = null): Promise<string> {
  try {
    const login = { credentials, name: 'test' };
    const bus = await connectNats(parseFleet(fleet) as FleetSetting, login, silent);
    bus.close();
    return bus.server;
  } catch (error) {
    return (error as Error).message;
  }
}

function fileOf(t: ExecutionContext, text: string): string {
  const file = join(makeFolder(t), 'Login');
  writeFileSync(file, text);
  return file;
}

/** Lines of nats-server for TLS, with a certificate for `name` in those years that this process trusts. */
function certified(t: ExecutionContext, name: string, [from, to] = [2020, 2049]): string {
  const folder = makeFolder(t);
  const [request, certificate, key] = ['request', 'certificate.pem', 'key.pem'].map((file) =>
    join(folder, file),
  ) as [string, string, string];
  const conf = join(folder, 'ca.conf');
  const texts = {
    'ca.conf': `[ca]\ndefault_ca=it\n[it]\ndatabase=${folder}/index\nserial=${folder}/serial\nnew_certs_dir=${folder}
default_md=sha256\npolicy=any\nx509_extensions=names\n[any]\ncommonName=supplied\n[names]\nsubjectKeyIdentifier=hash
authorityKeyIdentifier=keyid:always\nsubjectAltName=${name}\n`,
    index: '',
    serial: '01',
  };
  for (const [file, text] of Object.entries(texts)) writeFileSync(join(folder, file), text);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', ...newKey, '-subj', '/CN=nats', '-keyout', key, '-out', request);
  const dates = ['-startdate', `${from}0101000000Z`, '-enddate', `${to}0101000000Z`];
  const signed = ['-selfsign', '-keyfile', key, '-in', request, '-out', certificate, '-notext'];
  openssl('ca', '-batch', '-config', conf, ...dates, ...signed);
  const before = getCACertificates('default');
  t.teardown(() => setDefaultCACertificates(before));
  setDefaultCACertificates([...before, readFileSync(certificate, 'utf8')]);
  return `tls { cert_file: "${certificate}", key_file: "${key}" }`;
}

/** A port where something else than NATS answers. */
async function stranger(t: ExecutionContext, answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    answer(socket);
  });
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

// nats-io/nats.js#303: the certificate of a server that was dialled at an IP address was checked against "localhost".
const certifiedTest = spawnSync('openssl', ['version']).status === 0 ? test : ava.skip;
certifiedTest(
  'NATS bus › a certificate is checked against the address that was dialled, also one without a name',
  async (t) => {
    const ofIp = await NatsServer.start(t, [certified(t, 'IP:127.0.0.1')]);
    t.is(await reached(`tls://127.0.0.1:${ofIp.port}`), `127.0.0.1:${ofIp.port}`);
    t.is(
      await reached(`tls://localhost:${ofIp.port}`),
      'its certificate is for other names: IP Address:127.0.0.1',
    );
    t.is(
      await reached(`nats://127.0.0.1:${ofIp.port}`),
      'it requires TLS: write tls:// instead of nats:// in Fleet',
    );
    const ofName = await NatsServer.start(t, [certified(t, 'DNS:localhost')]);
    t.is(
      await reached(`tls://127.0.0.1:${ofName.port}`),
      'its certificate is for other names: DNS:localhost',
    );
    t.regex(await reached(`tls://localhost:${ofName.port}`), /^\S+:\d+$/);
  },
);

// stratopi-org/stratopi#1, YunoHost-Apps/vpnclient_ynh#32: a machine without a battery starts in 1970 or in the past, and
// what is wrong then is its clock.
certifiedTest(
  'NATS bus › a certificate that is not valid now may be right, and the clock wrong',
  async (t) => {
    const trouble = async (years: [number, number]) => {
      const { port } = await NatsServer.start(t, [certified(t, 'IP:127.0.0.1', years)]);
      return reached(`tls://127.0.0.1:${port}`);
    };
    t.is(
      await trouble([2048, 2049]),
      'its certificate is not valid yet: check the clock of this machine',
    );
    t.is(
      await trouble([2020, 2021]),
      'its certificate has expired: renew it, or correct the clock of this machine',
    );
  },
);

test('NATS bus › a password may have spaces, a token needs no user, and what is wrong with the file is said', async (t) => {
  const ofUser = await NatsServer.start(t, ['authorization { user: ddns, password: "a b c" }']);
  for (const text of ['ddns a b c', 'ddns a b c\r\n'])
    t.regex(await reached(ofUser.url, fileOf(t, text)), /^127\.0\.0\.1:\d+$/);
  t.is(await reached(ofUser.url, fileOf(t, 'ddns a b')), 'authorization violation');
  const ofToken = await NatsServer.start(t, ['authorization { token: "s3cret" }']);
  t.regex(await reached(ofToken.url, fileOf(t, 's3cret\n')), /^127\.0\.0\.1:\d+$/);
  const empty = fileOf(t, '\n');
  t.is(await reached(ofUser.url, empty), `the file of NatsCredentials is empty: check ${empty}`);
  t.is(
    await reached(ofUser.url, `${empty}-Gone`),
    `NatsCredentials cannot be read (ENOENT): check ${empty}-Gone`,
  );
  const device = '/dev/zero';
  t.is(await reached(ofUser.url, device), `NatsCredentials is not a regular file: check ${device}`);
  const long = fileOf(t, 'x'.repeat(65_537));
  t.is(
    await reached(ofUser.url, long),
    `the file of NatsCredentials has 65537 bytes, more than 65536: check ${long}`,
  );
});

test('NATS bus › of several servers one is enough, and when none is reached each is named with its reason', async (t) => {
  const nats = await NatsServer.start(t);
  const [rude, ssh] = [
    await stranger(t, (socket) => socket.destroy()),
    await stranger(t, (socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n')),
  ];
  const nowhere = 'nothing.invalid:4222';
  t.is(await reached(`nats://${rude},${nowhere},127.0.0.1:${nats.port}`), `127.0.0.1:${nats.port}`);
  const closed = 'it closed the connection; its log says why, such as a limit of connections';
  const unresolved = /its name does not resolve \((ENOTFOUND|EAI_AGAIN)\)/;
  const all = await reached(`nats://${rude},${ssh},${nowhere}`);
  t.regex(
    all,
    new RegExp(
      `^${rude}: ${closed}; ${ssh}: unexpected response from server; ${nowhere}: ${unresolved.source}$`,
    ),
  );
  // A server with as many connections as it takes says so and closes, and often only the latter arrives.
  const full = await NatsServer.start(t, ['max_connections: 1']);
  const login = { credentials: null, name: 'test' };
  // Whoever looked whether it has started may still have its one connection.
  const first = await lookUntil(() =>
    connectNats(parseFleet(full.url) as FleetSetting, login, silent).catch(() => null),
  );
  t.true([closed, 'maximum connections exceeded'].includes(await reached(full.url)));
  first?.close();
});

// nats-io/nats.js#64: a connection that was given up stayed open, one for each attempt, until no descriptor was left.
test('NATS bus › a connection that gets no answer in time is closed', async (t) => {
  const open = new Set<Socket>();
  const silentServer = await stranger(t, (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket)).resume();
  });
  t.is(await reached(`nats://${silentServer}`), 'no answer within 3 s');
  await lookUntil(() => open.size === 0);
  t.pass();
});

// Who may subscribe is corrected while NATS runs, as its operator is told to; the client forgets what was refused.
test('NATS bus › a subscription that was refused stands once NATS allows it, without a new connection', async (t) => {
  const allowing = (subject: string) =>
    `authorization { users: [ { user: a, password: b, permissions: { publish: ">", subscribe: "${subject}" } } ] }`;
  const nats = await NatsServer.start(t, [allowing('other')]);
  const [said, heard]: [string[], string[]] = [[], []];
  const events = {
    message: (subject: string) => heard.push(subject),
    lost: (reason: string) => said.push(`lost: ${reason}`),
    refused: (text: string) => said.push(text),
  };
  const open = (name: string) =>
    connectNats(
      parseFleet(nats.url) as FleetSetting,
      { credentials: fileOf(t, 'a b'), name },
      events,
    );
  const bus = await open('listener');
  const speaker = await open('speaker');
  t.teardown(() => {
    bus.close();
    speaker.close();
  });
  bus.subscribe('News.*');
  await lookUntil(() => said.length > 0);
  nats.reload([allowing('News.*')]);
  await lookUntil(() => {
    speaker.publish('News.now', Buffer.from('x'));
    return heard.length > 0;
  });
  t.deepEqual(said, ['permissions violation for subscription to News.*']);
});
