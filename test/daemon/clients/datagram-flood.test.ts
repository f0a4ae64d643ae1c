// Floods of datagrams at a daemon of its own: what it sends to those that prove nothing, what it costs, and who is served
// meanwhile. One at a time, because each keeps a core busy.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import type { Counters } from '../../../shared/counters.ts';
import { createDatagramSocket } from '../../../shared/datagram-socket.ts';
import { connectIpc, type IpcClient } from '../../../shared/ipc/client.ts';
import type { FloodResult } from '../../fixture/datagram-flood.ts';
import { askTcp, cookieIn, decode, queryOf } from '../../fixture/dns-client.ts';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { exchange } from '../../fixture/tcp-client.ts';
import { threadsLine } from '../../fixture/threads.ts';
import { UdpClient } from '../../fixture/udp-client.ts';
import { makeFolder, startDdnsd } from '../program.ts';

async function start(t: ExecutionContext) {
  t.timeout(90_000);
  const folder = await makeFolder(t);
  const port = await freePort();
  const conf = join(folder, 'ddns.conf');
  await writeFile(
    conf,
    `Interface=127.0.0.1\nPort=${port}\nDatabase=h.db\nSocket=s.sock\nService=2\n${threadsLine}\n`,
  );
  const { child, line } = await startDdnsd(t, ['--conf', conf]);
  await line(/name server is ready/);
  const console = await connectIpc(join(folder, 's.sock'), { name: 'test', version: '0' });
  t.teardown(() => console.close());
  return { port, pid: child.pid as number, console };
}

/** Bytes of memory of a process. */
function residentOf(pid: number): number {
  const [, kibibytes] =
    /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return 1_024 * Number(kibibytes);
}

/** Floods until `end` is called, which resolves with what was sent and what came back. */
async function flood(
  t: ExecutionContext,
  port: number,
  datagrams: readonly string[],
  sources: number,
): Promise<{ end(): Promise<FloodResult> }> {
  const child = spawn(process.execPath, [
    fileURLToPath(new URL('../../fixture/datagram-flood.ts', import.meta.url)),
    ...[String(port), JSON.stringify(datagrams), String(sources)],
  ]);
  t.teardown(() => {
    child.kill('SIGKILL');
  });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  await once(child.stdout, 'data');
  return {
    end: async () => {
      child.stdin.end();
      await once(child, 'close');
      return JSON.parse(out.split('\n')[1] as string);
    },
  };
}

/** How long a flood goes on, in requests of an honest client. */
const honestRequests = 20;

/** Registers over TCP, one connection after the other; returns how long each took, ms, the shortest first. */
async function beHonest(t: ExecutionContext, port: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < honestRequests; i++) {
    const before = performance.now();
    t.is(await exchange(port, `alive honest ${1_000 + i}\n`, { from: '127.0.3.1' }), 'ok\n');
    times.push(performance.now() - before);
  }
  return times.toSorted((a, b) => a - b);
}

/** As nodes do: sends a request again when it has no answer. */
async function askAgain(client: UdpClient, request: string | Uint8Array): Promise<string> {
  await lookUntil(
    () => {
      client.send(request);
      return client.received.length;
    },
    (received) => received > 0,
  );
  return client.received[0] as string;
}

function inWords(times: readonly number[]): string {
  const [median = 0, longest = 0] = [times[times.length >> 1], times.at(-1)];
  return `${times.length} honest requests, median ${median.toFixed(1)} ms, longest ${longest.toFixed(1)} ms`;
}

const forged: readonly string[] = [
  'query a 4000 id=0123456789abcdef\n',
  'query a 4000\n'.padEnd(128, '\n'),
  'ping\n',
  'ping id=0123456789abcdef\n'.padEnd(128, '\n'),
  'alive a 4000 cookie=AAAAAAAAAAAAAAAA id=0123456789abcdef\n',
  `have ${'10.0.0.1:4000 '.repeat(80).trim()}\nquery a 4000 since=a.1\n`,
  'leave a 4000\n',
  'error malformed\n',
  'a',
  '\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x06dynamo\x00\x00\xff\x00\x01',
];

/** Hosts to list, and warm code. */
async function registerThousand(port: number): Promise<void> {
  const hosts = Array.from({ length: 1_000 }, (_, i) => `alive n${i} ${20_000 + i}\n`);
  await exchange(port, hosts.join(''), { from: '127.0.9.9' });
}

/** The counters once they rise no more: workers report theirs once a second. */
async function finalCounters(console: IpcClient): Promise<Counters> {
  let last = -1;
  let looks = 0;
  const { counters } = await lookUntil(
    () => console.status(),
    ({ counters: { dnsUdp } }) => {
      looks = dnsUdp === last ? looks + 1 : 0;
      last = dnsUdp;
      return looks === 100;
    },
  );
  return counters;
}

const megabyte = 1_048_576;

/** Memory of a daemon with few hosts that makes garbage as fast as it can, of which V8 lets some 150 MB lie. */
const mostResident = 400 * megabyte;

test.serial(
  'datagram flood › what proves nothing is sent less than it sends, registers nobody and costs no memory',
  async (t) => {
    const { port, pid, console } = await start(t);
    await registerThousand(port);
    const flooding = await flood(t, port, forged, 200);
    const times = await beHonest(t, port);
    await lookUntil(
      () => console.status(),
      ({ counters: { datagrams } }) => datagrams > 10_000,
    );
    const result = await flooding.end();
    const resident = residentOf(pid);
    const { counters, hosts: now } = await console.status();
    const { sent, bytesOut, bytesIn, longestAnswer } = result;
    t.true(bytesIn <= bytesOut, `${bytesIn} of ${bytesOut} bytes`);
    t.true(longestAnswer <= 128);
    t.is(now.live, 1_000 + honestRequests);
    t.true(resident < mostResident, `${resident} bytes`);
    t.true((times[times.length >> 1] as number) < 1_000, inWords(times));
    t.log(
      `${sent} sent, ${bytesOut} bytes out, ${bytesIn} back (${(bytesIn / bytesOut).toFixed(3)}); ${counters.datagrams} received; ${(resident / megabyte).toFixed(0)} MB of memory; ${inWords(times)}`,
    );
  },
);

/** The queries whose answers are long, all of one length, so that the number received tells their bytes. */
const forgedDns = ['A', 'SRV', 'ANY', 'SOA'].map((type) =>
  queryOf('dynamo', type, { edns: 1_232 }).toString('latin1'),
);

/** What PROTOCOL.md grants sources that prove nothing: bytes for each of theirs, at once, and a second besides. */
const granted = { perByte: 1.5, atOnce: 65_536, perSecond: 16_384 };

/** Headers of IPv4 and UDP. */
const headerBytes = 28;

/** Asks as resolvers do, from a new port each time, with the cookie that the first answer brought. */
async function resolveHonestly(t: ExecutionContext, port: number): Promise<number[]> {
  let cookie: Buffer = Buffer.from('0102030405060708', 'hex');
  const times: number[] = [];
  for (let i = 0; i <= honestRequests; i++) {
    const client = await UdpClient.open(t, port, { from: '127.0.3.1' });
    const before = performance.now();
    const query = queryOf('dynamo', 'A', { edns: 1_232, cookie });
    const answer = decode(Buffer.from(await askAgain(client, query), 'latin1'));
    if (i > 0) {
      t.is(answer.answers?.length, 16);
      times.push(performance.now() - before);
    }
    cookie = cookieIn(answer);
  }
  return times.toSorted((a, b) => a - b);
}

test.serial(
  'datagram flood › forged DNS queries are answered by no more than twice their bytes; resolvers with a cookie or over TCP get whole answers meanwhile',
  async (t) => {
    const { port, console } = await start(t);
    for (let i = 1; i <= 100; i++)
      await exchange(port, `alive n${i} 4000\n`, { from: `127.0.9.${i}` });
    const began = performance.now();
    const flooding = await flood(t, port, forgedDns, 200);
    const udp = await resolveHonestly(t, port);
    const tcp: number[] = [];
    for (let i = 0; i < honestRequests; i++) {
      const before = performance.now();
      t.is((await askTcp(port, 'dynamo', 'A', '127.0.4.1')).answers?.length, 16);
      tcp.push(performance.now() - before);
    }
    tcp.sort((a, b) => a - b);
    await lookUntil(
      () => console.status(),
      ({ counters: { dnsUdp } }) => dnsUdp > 10_000,
    );
    const { answers, bytesIn, sent } = await flooding.end();
    const seconds = (performance.now() - began) / 1_000;
    const counters = await finalCounters(console);
    // Those of honest resolvers are among them, some 21.
    const received = counters.dnsUdp;
    const queryBytes = received * (forgedDns[0] as string).length;
    const { perByte, atOnce, perSecond } = granted;
    t.true(
      bytesIn <= perByte * queryBytes + atOnce + perSecond * seconds,
      `${bytesIn} for ${queryBytes} bytes in ${seconds} s`,
    );
    const amplification = (bytesIn - atOnce) / queryBytes;
    const onTheWire =
      (bytesIn - atOnce + headerBytes * answers) / (queryBytes + headerBytes * received);
    t.true(onTheWire <= 2, `${onTheWire}`);
    // Of a slower one the allowance is too large a part.
    const isFlood = queryBytes / seconds > perSecond / (2 - perByte);
    if (isFlood) t.true(amplification <= 2, `${amplification}`);
    // Its sockets missed little of what came back.
    t.true(answers > 0.9 * (received - Math.ceil(counters.dnsLimited / 2)), `${answers}`);
    for (const times of [udp, tcp])
      t.true((times[times.length >> 1] as number) < 1_000, inWords(times));
    t.log(
      `${sent} sent, ${received} received (${queryBytes} bytes) in ${seconds.toFixed(1)} s, ${answers} answers (${bytesIn} bytes); without the ${atOnce} at once ${amplification.toFixed(3)} bytes a byte, ${onTheWire.toFixed(3)} with headers; over UDP ${inWords(udp)}; over TCP ${inWords(tcp)}`,
    );
  },
);

test.serial(
  'datagram flood › one proved source that asks without end keeps no other out',
  async (t) => {
    const { port, pid, console } = await start(t);
    await registerThousand(port);
    const greedy = await UdpClient.open(t, port, { from: '127.7.0.0' });
    const queries = [`query greedy 4000 cookie=${await greedy.cookie()} id=i#\n`];
    const flooding = await flood(t, port, queries, 1);
    const times = await beHonest(t, port);
    const client = await UdpClient.open(t, port);
    t.regex(await askAgain(client, 'alive udp 4001\n'.padEnd(128, '\n')), /^cookie /);
    await flooding.end();
    const resident = residentOf(pid);
    t.true((times[times.length >> 1] as number) < 1_000, inWords(times));
    t.true(resident < mostResident, `${resident} bytes`);
    const { counters, backlog } = await console.status();
    t.true(backlog.peak <= 100);
    t.log(
      `${counters.queries} queries, ${counters.busy} busy; ${(resident / megabyte).toFixed(0)} MB of memory; ${inWords(times)}`,
    );
  },
);

/** Datagrams with a forged source, in Python, because Node has no raw sockets. */
const forge = `
import socket, struct, sys
port = int(sys.argv[1])
def sum_of(data):
    data += b'\\0' * (len(data) % 2)
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff
out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
for source, source_port in [('127.0.0.9', 0), ('127.0.0.1', port), ('127.255.255.255', 9), ('255.255.255.255', 9),
                            ('0.0.0.0', 9), ('224.0.0.1', 9), ('127.0.0.9', 9)]:
    data = b'alive forged 4000' + b'\\n' * 111
    ends = socket.inet_aton(source) + socket.inet_aton('127.0.0.1')
    def head(check): return struct.pack('!HHHH', source_port, port, 8 + len(data), check)
    check = sum_of(ends + struct.pack('!HH', 17, 8 + len(data)) + head(0) + data)
    ip = struct.pack('!BBHHHBBH', 0x45, 0, 28 + len(data), 1, 0, 64, 17, 0) + ends
    out.sendto(ip + head(check) + data, ('127.0.0.1', 0))
`;

const canForge =
  process.getuid?.() === 0 && spawnSync('python3', ['-c', 'import socket']).status === 0;

(canForge ? test.serial : test.serial.skip)(
  'datagram flood › sources that cannot be answered, and that of the server itself, stop nothing (root, python3)',
  async (t) => {
    const { port, console } = await start(t);
    const { status, stderr } = spawnSync('python3', ['-c', forge, String(port)]);
    t.is(status, 0, String(stderr));
    const client = await UdpClient.open(t, port);
    t.is(await client.ask(`alive a 4000 cookie=${await client.cookie()}\n`), 'ok\n');
    // From port 0, and the server's own answer to itself, which it does not answer.
    const { counters, hosts } = await lookUntil(
      () => console.status(),
      ({ counters: { datagramsIgnored } }) => datagramsIgnored >= 2,
    );
    t.is(counters.datagramsIgnored, 2);
    t.is(hosts.live, 1);
    t.true(counters.datagrams <= 10, String(counters.datagrams));
  },
);

test.serial(
  'datagram flood › clients that are gone before their answer comes stop nothing',
  async (t) => {
    const { port, console } = await start(t);
    const client = await UdpClient.open(t, port);
    const cookie = await client.cookie();
    // Each answer meets a closed port, and the system reports that to the server.
    for (let i = 0; i < 200; i++) {
      const socket = createDatagramSocket('127.0.0.1').bind(0, '127.0.0.1');
      await new Promise<void>((resolve) =>
        socket.send(`query n 4000 cookie=${cookie}\n`, port, '127.0.0.1', () =>
          socket.close(resolve),
        ),
      );
    }
    t.is(await askAgain(client, `alive a 4000 cookie=${cookie}\n`), 'ok\n');
    const { counters } = await console.status();
    // Of one source 32 at a time are answered, and the kernel may drop some.
    t.true(counters.queries >= 16, `${counters.queries} of 200 queries`);
  },
);
