// The clients that people have, against a real server: dig, kdig, delv and drill, and BIND, Knot Resolver, unbound and
// dnsmasq in front of it, each with the lines that the README has. Those that are not installed are skipped by name.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';

const run = promisify(execFile);
const readme = new URL('../../../README.md', import.meta.url);
const id = '5f0c7a52-6e1b-4c1c-9a55-0f6f0f6d3b1e';

/** Whether the program is there; says that the test is skipped if not. */
function has(t: ExecutionContext, program: string, option = '-V'): boolean {
  const isThere = spawnSync(program, [option]).error === undefined;
  if (!isThere) {
    t.log(`skipped: no ${program} here`);
    t.pass();
  }
  return isThere;
}

/** A server with 24 hosts, one of them a node with a known id. */
async function startServer(t: ExecutionContext, settings = {}) {
  const server = await startTestServer(t, {
    settings: { service: 2, protocol: 0, ...settings },
  });
  await exchange(server.port, `alive ${id} 4000\n`);
  for (let i = 0; i < 23; i++)
    await exchange(server.port, `alive n${i} 4000\n`, { from: `127.0.1.${i + 1}` });
  return server;
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

test('dns clients › dig gets sixteen addresses, over UDP and TCP, with and without EDNS', async (t) => {
  if (!has(t, 'dig', '-v')) return;
  const { port } = await startServer(t);
  const dig = async (...args: string[]) =>
    (await run('dig', ['@127.0.0.1', '-p', String(port), '+time=5', '+norecurse', ...args])).stdout;
  for (const options of [
    [],
    ['+noedns'],
    ['+tcp'],
    ['+bufsize=512'],
    ['+keepopen', '+tcp'],
    ['+nsid', '+subnet=192.0.2.0/24', '+dnssec', '+padding=128'],
  ]) {
    const text = await dig(...options, 'dynamo', 'A');
    t.regex(text, /status: NOERROR/, options.join(' '));
    t.regex(text, /flags: qr aa( ad)?; QUERY: 1, ANSWER: 16,/, options.join(' '));
    t.notRegex(text, /malformed|warning|truncated/i);
  }
  t.regex(await dig('dynamo', 'A'), /COOKIE: [0-9a-f]{48} \(good\)/);
  t.deepEqual(lines(await dig('+short', `${id}.dynamo`, 'TXT')), [
    `"id=${id} address=127.0.0.1:4000"`,
  ]);
  t.is(lines(await dig('+short', '_dynamo._tcp.dynamo', 'SRV')).length, 16);
  t.is(lines(await dig('+short', '+tcp', 'dynamo', 'SRV')).length, 16);
  t.regex(await dig('+short', '_status.dynamo', 'TXT'), /^"hosts=24 age=\d+ servers=1"\n$/);
  t.regex(
    await dig('nobody.dynamo', 'A'),
    /status: NXDOMAIN.*AUTHORITY: 1.*SOA\s+ns1\.dynamo\. hostmaster\.dynamo\./s,
  );
  t.regex(await dig('example.org', 'A'), /status: REFUSED.*EDE: 20 \(Not Authoritative\)/s);
  t.regex(await dig('+edns=1', '+noednsnegotiation', 'dynamo', 'A'), /status: BADVERS/);
  t.regex(await dig('+opcode=notify', 'dynamo', 'SOA'), /status: NOTIMP/);
  t.regex(await dig('+qr', 'DyNaMo', 'A'), /DyNaMo\.\s+\d+\s+IN\s+A/);
});

test('dns clients › kdig asks several questions over one TCP connection', async (t) => {
  if (!has(t, 'kdig')) return;
  const { port } = await startServer(t);
  const { stdout } = await run('kdig', [
    '@127.0.0.1',
    '-p',
    String(port),
    '+tcp',
    '+keepopen',
    'dynamo',
    'A',
    `${id}.dynamo`,
    'A',
    'nobody.dynamo',
    'A',
  ]);
  t.deepEqual(stdout.match(/status: \w+/g), [
    'status: NOERROR',
    'status: NOERROR',
    'status: NXDOMAIN',
  ]);
  const udp = await run('kdig', [
    '@127.0.0.1',
    '-p',
    String(port),
    '+cookie',
    '+bufsize=4096',
    'dynamo',
    'AAAA',
  ]);
  t.regex(udp.stdout, /status: NOERROR.*UDP size: 1232 B/s);
});

test('dns clients › delv and drill take the answers', async (t) => {
  const { port } = await startServer(t);
  if (has(t, 'delv', '-v')) {
    const { stdout } = await run('delv', ['@127.0.0.1', '-p', String(port), '-i', 'dynamo', 'A']);
    t.is(stdout.match(/IN\s+A\s/g)?.length, 16, stdout);
  }
  if (has(t, 'drill', '-v')) {
    const { stdout } = await run('drill', ['-p', String(port), '@127.0.0.1', 'dynamo', 'A']);
    t.regex(stdout, /rcode: NOERROR.*ANSWER: 16/s);
  }
});

/** Starts a forwarder and resolves when it answers about the zone; it ends with the test. */
async function startForwarder(t: ExecutionContext, program: string, args: string[], port: number) {
  const forwarder = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [forwarder.stdout, forwarder.stderr])
    stream.on('data', (text) => {
      said += text;
    });
  t.teardown(async () => {
    if (forwarder.exitCode !== null) return;
    forwarder.kill('SIGTERM');
    await once(forwarder, 'exit');
  });
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([`127.0.0.1:${port}`]);
  await lookUntil(
    async () => {
      if (forwarder.exitCode !== null) throw new Error(`${program} ended: ${said}`);
      return resolver.resolve4('dynamo').catch(() => [] as string[]);
    },
    (found) => found.length > 0,
  );
  // It is there by now; the machine may be busy.
  const patient = new Resolver({ timeout: 10_000, tries: 3 });
  patient.setServers(resolver.getServers());
  return patient;
}

/** What a program learns through a forwarder. */
async function asksThrough(t: ExecutionContext, resolver: Resolver) {
  t.is((await resolver.resolve4('dynamo')).length, 16);
  t.deepEqual(await resolver.resolve4(`${id}.dynamo`), ['127.0.0.1']);
  t.true((await resolver.resolveSrv('_dynamo._tcp.dynamo')).length >= 5);
  t.regex((await resolver.resolveTxt('_status.dynamo')).join(), /^hosts=24 /);
  await t.throwsAsync(resolver.resolve4('nobody.dynamo'), { code: 'ENOTFOUND' });
  await t.throwsAsync(resolver.resolve6('dynamo'), { code: 'ENODATA' });
}

/** What the README has for a resolver, each piece in quotes, with the name server at `port` of this machine. */
async function configurationOf(resolver: string, port: number): Promise<string[]> {
  const text = await readFile(readme, 'utf8');
  const [, row = ''] = new RegExp(`^\\| ${resolver} \\| (.+) \\|$`, 'm').exec(text) ?? [];
  return [...row.matchAll(/`([^`]+)`/g)].map(([, piece = '']) =>
    piece.replace(/192\.168\.0\.1( port |[@#])4524/, `127.0.0.1$1${port}`),
  );
}

test('dns clients › unbound resolves the zone through the name server, though it refuses private addresses', async (t) => {
  if (!has(t, 'unbound')) return;
  const { port } = await startServer(t);
  const [server, insecure, mayBePrivate, stub, ...ofStub] = await configurationOf('Unbound', port);
  const own = await freePort();
  const conf = join(await makeFolder(t), 'unbound.conf');
  await writeFile(
    conf,
    `${server}
  interface: 127.0.0.1
  port: ${own}
  username: ""
  chroot: ""
  pidfile: ""
  use-syslog: no
  do-daemonize: no
  do-not-query-localhost: no
  private-address: 127.0.0.0/8
  ${insecure}
  ${mayBePrivate}
  use-caps-for-id: yes
remote-control:
  control-enable: no
${stub}
  ${ofStub.join('\n  ')}
`,
  );
  await asksThrough(t, await startForwarder(t, 'unbound', ['-d', '-c', conf], own));
});

test('dns clients › BIND forwards the zone to the name server, with the lines of the README', async (t) => {
  if (!has(t, 'named')) return;
  const { port } = await startServer(t);
  const own = await freePort();
  const folder = await makeFolder(t);
  const [zone, , options] = await configurationOf('BIND', port);
  // The only root server that it knows is none, so nothing leaves the machine, and nobody vouches for the zone.
  await writeFile(join(folder, 'root'), '. 3600000 NS root.\nroot. 3600000 A 127.0.0.1\n');
  const conf = join(folder, 'named.conf');
  await writeFile(
    conf,
    `options {
  directory "${folder}";
  pid-file none;
  session-keyfile none;
  listen-on port ${own} { 127.0.0.1; };
  listen-on-v6 { none; };
  dnssec-validation auto;
  ${options}
};
controls { };
zone "." { type hint; file "root"; };
${zone}
`,
  );
  await asksThrough(t, await startForwarder(t, 'named', ['-g', '-n', '1', '-c', conf], own));
});

test('dns clients › Knot Resolver resolves the zone through the name server, with the line of the README', async (t) => {
  if (!has(t, 'kresd')) return;
  const { port } = await startServer(t);
  const own = await freePort();
  const folder = await makeFolder(t);
  const [line] = await configurationOf('Knot Resolver', port);
  // No root key is renewed, so nothing leaves the machine.
  await writeFile(join(folder, 'kresd.conf'), `trust_anchors.remove('.')\n${line}\n`);
  const args = ['-n', '-c', join(folder, 'kresd.conf'), '-a', `127.0.0.1@${own}`, folder];
  await asksThrough(t, await startForwarder(t, 'kresd', args, own));
});

test('dns clients › dnsmasq forwards the zone to the name server, though it refuses private addresses', async (t) => {
  if (!has(t, 'dnsmasq', '--version')) return;
  const { port } = await startServer(t);
  const own = await freePort();
  const args = [
    '--no-daemon',
    '--conf-file=/dev/null',
    '--no-resolv',
    '--no-hosts',
    `--port=${own}`,
    '--listen-address=127.0.0.1',
    '--bind-interfaces',
    '--user=',
    '--stop-dns-rebind',
    ...(await configurationOf('dnsmasq', port)).map((line) => `--${line}`),
  ];
  await asksThrough(t, await startForwarder(t, 'dnsmasq', args, own));
});

test('dns clients › at DnsPort there is DNS alone, over UDP and TCP', async (t) => {
  const dnsPort = await freePort();
  const server = await startServer(t, { service: 1, dnsPort });
  const resolver = new Resolver({ timeout: 5_000 });
  resolver.setServers([`127.0.0.1:${dnsPort}`]);
  t.is((await resolver.resolve4('dynamo')).length, 16);
  t.regex(await exchange(dnsPort, 'ping\n'), /^error malformed no dialect begins with byte 0x70/);
  if (!has(t, 'dig', '-v')) return;
  const { stdout } = await run('dig', [
    '@127.0.0.1',
    '-p',
    String(dnsPort),
    '+tcp',
    '+short',
    'dynamo',
    'A',
  ]);
  t.is(lines(stdout).length, 16);
  t.is((await server.status()).counters.dnsTcp, 1);
});
