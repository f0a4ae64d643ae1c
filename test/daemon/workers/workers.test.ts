// Threads=2: two worker processes and the main one, as an operator runs them. Whatever one process
// does, they do together: answer in order, keep what was answered, count one backlog. What is more:
// one that dies is replaced, and when the main process dies they go.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { connectIpc, type IpcClient } from '../../../shared/ipc/client.ts';
import type { Status } from '../../../shared/ipc/status-contract.ts';
import { freePort } from '../../fixture/free-port.ts';
import { lookUntil } from '../../fixture/look-until.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { openSlowClients } from '../../fixture/slow-clients.ts';
import { exchange, sendAndWait, TcpClient } from '../../fixture/tcp-client.ts';
import {
  type Cleanup,
  gone,
  isAlive,
  makeFolder,
  type Running,
  startDdnsd,
  workersOf,
} from '../program.ts';

/** On one core there is one process. */
const { serial } = test;

const legacyId = 'e58ed763-928c-4155-bee9-fdbaaadc15f3';

class Server {
  readonly port: number;
  readonly conf: string;
  readonly running: Running;
  private readonly t: Cleanup;
  private readonly socket: string;
  private readonly lines: string;

  static async start(t: Cleanup, settings: readonly string[] = []): Promise<Server> {
    const folder = await makeFolder(t);
    const port = await freePort();
    const lines = `Interface=127.0.0.1\nPort=${port}\nDatabase=h.db\nSocket=s.sock\nThreads=2\nHostsPerSource=65535\n`;
    const conf = join(folder, 'ddns.conf');
    await writeFile(conf, `${lines}${settings.join('\n')}\n`);
    const running = await startDdnsd(t, ['--conf', conf]);
    const server = new Server(t, { port, conf, running, socket: join(folder, 's.sock'), lines });
    await running.line(/name server is ready/);
    return server;
  }

  private constructor(
    t: Cleanup,
    parts: Pick<Server, 'port' | 'conf' | 'running'> & { socket: string; lines: string },
  ) {
    this.t = t;
    this.port = parts.port;
    this.conf = parts.conf;
    this.running = parts.running;
    this.socket = parts.socket;
    this.lines = parts.lines;
  }

  configure(settings: readonly string[]): Promise<void> {
    return writeFile(this.conf, `${this.lines}${settings.join('\n')}\n`);
  }

  async attach(): Promise<IpcClient> {
    const client = await connectIpc(this.socket, { name: 'test', version: '0' });
    this.t.teardown(() => client.close());
    return client;
  }

  async until(isSo: (status: Status) => boolean): Promise<Status> {
    const console = await this.attach();
    const status = await lookUntil(() => console.status(), isSo);
    console.close();
    return status;
  }

  workers(): number[] {
    return workersOf(this.running);
  }

  hosts(list: string): string[] {
    return list
      .split('\n')
      .filter((line) => line.startsWith('hosts '))
      .flatMap((line) => line.split(' ').slice(1))
      .sort();
  }
}

const ends: Parameters<Cleanup['teardown']>[0][] = [];

/** For what needs no server of its own. */
let shared: Server;

test.before(async () => {
  shared = await Server.start({ teardown: (end) => ends.unshift(end) });
});

test.after.always(async () => {
  for (const end of ends) await end();
});

serial('workers › old nodes are answered as they expect', async (t) => {
  const { port } = shared;
  t.is(await sendAndWait(port, `1/${legacyId}/4003/`), 'root');
  await exchange(port, 'alive n1 4000\n');
  t.is(await sendAndWait(port, `1/${legacyId}/4003/`), '127.0.0.1:4000;');
  t.is(await sendAndWait(port, `3/${legacyId}/4003/`), '');
});

serial(
  'workers › there is one for each core but one, and the console shows both numbers',
  async (t) => {
    const server = shared;
    const line = await server.running.line(/name server is ready/);
    t.is(JSON.parse(line).threads, '2 configured, 2 running (3 cores)');
    const { threads } = await server.until(() => true);
    t.deepEqual(threads, { configured: 2, running: 2, cores: '3 cores' });
    t.is(server.workers().length, 2);
  },
);

serial('workers › hosts register, are listed in full and by delta, and leave', async (t) => {
  const { port, hosts } = await Server.start(t);
  const first = await exchange(port, 'query n1 4000\n');
  const cursor = /^end 0 (\S+) full\n$/.exec(first)?.[1];
  t.truthy(cursor, first);
  // Each on a connection of its own, so on either worker.
  for (let i = 2; i <= 12; i++) t.is(await exchange(port, `alive n${i} 40${i + 10}\n`), 'ok\n');
  const rest = Array.from({ length: 11 }, (_, i) => `127.0.0.1:40${i + 12}`);
  for (let i = 0; i < 8; i++) {
    const full = await exchange(port, 'query n1 4000\n');
    t.deepEqual(hosts(full), rest);
    const delta = await exchange(port, `query n1 4000 since=${cursor}\n`);
    t.deepEqual(hosts(delta), rest);
    t.regex(delta, /\nend 11 \S+\n$/);
  }
  const known = /\nend 11 (\S+) full\n$/.exec(await exchange(port, 'query n1 4000\n'))?.[1];
  t.is(await exchange(port, 'leave n12 4022\n'), 'ok\n');
  t.regex(await exchange(port, 'leave nobody 4021\n'), /^error wrong-node-id /);
  for (let i = 0; i < 8; i++) {
    const delta = await exchange(port, `query n1 4000 since=${cursor}\n`);
    t.deepEqual(hosts(delta), rest.slice(0, -1));
    t.notRegex(delta, /^gone /m, 'it came and went since');
    const later = await exchange(port, `query n1 4000 since=${known}\n`);
    t.regex(later, /^gone 127\.0\.0\.1:4022\nend 0 /);
    const have = `have 127.0.0.1:4012 127.0.0.1:4022\nquery n1 4000\n`;
    t.deepEqual(hosts(await exchange(port, have)), rest.slice(1, -1));
  }
});

serial('workers › a client that ends its side after many requests gets all replies', async (t) => {
  const { port } = shared;
  const requests = Array.from({ length: 20_000 }, (_, index) => `alive n ${index + 1}\n`);
  const said = await exchange(port, requests.join(''));
  t.is(said.match(/^ok$/gm)?.length, 20_000);
});

serial('workers › replies keep the order of the requests, pings included', async (t) => {
  const server = await Server.start(t);
  const client = await TcpClient.open(server.port);
  const requests = Array.from({ length: 200 }, (_, i) =>
    i % 3 === 0 ? 'ping' : i % 3 === 1 ? `alive n${i} ${1000 + i}` : `query n ${5000 + i} limit=1`,
  );
  client.send(`${requests.join('\n')}\nbad\nping\n`);
  const replies = (await client.closed).split('\n').filter((line) => !line.startsWith('hosts '));
  t.deepEqual(
    replies.map((line) => line.split(' ')[0]),
    [...requests.map((_, i) => (i % 3 === 0 ? 'pong' : i % 3 === 1 ? 'ok' : 'end')), 'error', ''],
  );
  const { counters } = await server.until(({ counters }) => counters.malformed === 1);
  t.deepEqual(
    [counters.pings, counters.alives, counters.queries, counters.connections],
    [67, 67, 66, 1],
  );
});

serial(
  'workers › Backlog limits the unanswered requests of all workers together, exactly',
  async (t) => {
    t.timeout(60_000);
    const server = await Server.start(t, ['Backlog=8']);
    const { port } = server;
    const slow = await openSlowClients(t, 8, { port, host: '127.0.0.1' });
    for (let i = 0; i < 10; i++) t.regex(await exchange(port, 'query n 40'), /^busy \d+\n$/);
    const full = await server.until(({ counters }) => counters.busy === 10);
    t.deepEqual(full.backlog, { limit: 8, current: 8, peak: 8 });
    slow.pop()?.destroy();
    await server.until(({ backlog }) => backlog.current === 7);
    for (let i = 0; i < 10; i++) t.regex(await exchange(port, 'query n 4000\n'), /^end /);
    await server.configure(['Backlog=4']);
    const console = await server.attach();
    await console.reload();
    t.regex(await exchange(port, 'query n 40'), /^busy /);
    await server.configure(['Backlog=9']);
    await console.reload();
    t.regex(await exchange(port, 'query n 4000\n'), /^end /);
    t.is((await server.until(() => true)).backlog.limit, 9);
  },
);

serial(
  'workers › complete requests take the places of incomplete ones of any worker',
  async (t) => {
    t.timeout(60_000);
    const server = await Server.start(t, ['Backlog=8']);
    const { port } = server;
    const slow = await openSlowClients(t, 8, { port, host: '127.0.0.1' });
    t.deepEqual((await server.until(() => true)).backlog.current, 8);
    for (let i = 0; i < 20; i++) t.regex(await exchange(port, 'query n 4000\n'), /^end /);
    const { counters, backlog } = await server.until(({ counters }) => counters.queries === 20);
    t.deepEqual([counters.busy, backlog.limit], [0, 8]);
    t.true(counters.displaced > 0 && counters.displaced <= 8, `${counters.displaced} gave way`);
    for (const client of slow) client.destroy();
    const ends = await Promise.all(slow.map(({ closed }) => closed));
    const told = ends.filter((end) => /^pong \S+\nbusy [1-5]\n$/.test(end)).length;
    t.is(told, counters.displaced);
  },
);

serial('workers › a killed worker is replaced, and nothing answered is lost', async (t) => {
  t.timeout(60_000);
  const server = await Server.start(t, ['MaxHosts=50000']);
  const { port } = server;
  const answered = new Set<string>();
  let next = 1;
  let isOver = false;
  const stream = async (from: string) => {
    while (!isOver) {
      const host = next++;
      // Refused while one dies whose socket it was: a client tries again.
      const reply = await exchange(port, `alive n${host} ${host}\n`, { from }).catch(() => '');
      if (reply === 'ok\n') answered.add(`${from}:${host}`);
    }
  };
  const streams = Array.from({ length: 8 }, (_, i) => stream(`127.0.9.${i + 1}`));
  const idle = await Promise.all(Array.from({ length: 6 }, () => TcpClient.open(port)));
  for (const client of idle) await client.ask('ping\n');
  for (let kill = 1; kill <= 3; kill++) {
    const before = server.workers();
    const victim = before[kill % 2] as number;
    const goal = answered.size + 200;
    await lookUntil(
      () => answered.size,
      (count) => count >= goal,
    );
    process.kill(victim, 'SIGKILL');
    await gone(victim);
    await server.until(
      ({ threads }) => threads.running === 2 && !server.workers().includes(victim),
    );
  }
  isOver = true;
  await Promise.all(streams);
  for (let i = 0; i < 8; i++) {
    const listed = new Set(server.hosts(await exchange(port, 'query w 65535\n')));
    t.deepEqual(
      [...answered].filter((host) => !listed.has(host)),
      [],
    );
  }
  const { counters } = await server.until(({ counters }) => counters.lost > 0);
  t.true(counters.lost >= idle.filter((client) => client.socket.destroyed).length);
  t.log(`${answered.size} answered, ${counters.lost} connections lost`);
});

serial('workers › the end of a worker is reported, with the connections lost', async (t) => {
  const server = await Server.start(t);
  const idle = await Promise.all(Array.from({ length: 6 }, () => TcpClient.open(server.port)));
  for (const client of idle) await client.ask('ping\n');
  await server.until(({ connections }) => connections.open === 6);
  process.kill(server.workers()[0] as number, 'SIGKILL');
  await server.running.line(/a worker process was ended by SIGKILL/);
  const { counters, connections } = await server.until(({ threads }) => threads.running === 2);
  t.is(counters.lost + connections.open, 6);
  const console = await server.attach();
  const { activity } = await console.subscribe(() => {});
  const text = `a worker process was ended by SIGKILL; connections lost: ${counters.lost}`;
  t.deepEqual(
    activity.map((each) => `${each.kind} ${each.text}`),
    [`worker ${text}`],
  );
  const { lines } = await console.log({ level: 'error' });
  t.deepEqual(
    lines.map(({ msg, fields }) => [msg, fields]),
    [[`${text}; it is replaced`, { connections: `${counters.lost}` }]],
  );
});

serial(
  'workers › a worker that hangs is killed and replaced, and its permits are free',
  async (t) => {
    t.timeout(60_000);
    const server = await Server.start(t, ['Backlog=8']);
    const { port, running } = server;
    const slow = await openSlowClients(t, 8, { port, host: '127.0.0.1' });
    const hung = server.workers()[0] as number;
    process.kill(hung, 'SIGSTOP');
    await running.line(
      /a worker process hung: it did not answer for 5 s, and was killed; connections/,
    );
    await server.until(({ threads }) => threads.running === 2);
    t.false(server.workers().includes(hung));
    for (let i = 0; i < 20; i++) t.regex(await exchange(port, 'query n 4000\n'), /^end /);
    for (const client of slow) client.destroy();
  },
);

serial('workers › workers end when the main process is killed, and free the port', async (t) => {
  const server = await Server.start(t);
  const before = server.workers();
  t.is(await exchange(server.port, 'alive n1 4000\n'), 'ok\n');
  server.running.child.kill('SIGKILL');
  await server.running.ended;
  await Promise.all(before.map(gone));
  const again = await startDdnsd(t, ['--conf', server.conf]);
  await again.line(/name server is ready/);
  t.deepEqual(server.hosts(await exchange(server.port, 'query w 65535\n')), ['127.0.0.1:4000']);
});

serial('workers › SIGTERM ends all of them once their requests are answered', async (t) => {
  const server = await Server.start(t);
  const workers = server.workers();
  const crowd = await TcpClient.open(server.port);
  crowd.send(Array.from({ length: 300 }, (_, i) => `alive n${i} ${4000 + i}\n`).join(''));
  await server.until(({ counters }) => counters.alives === 300);
  // 19 MB of lists, of which the system takes a part only until they are read.
  const asked = 3_000;
  const reader = await TcpClient.open(server.port);
  reader.socket.pause();
  reader.send('query w 65535\n'.repeat(asked));
  await server.until(({ counters }) => counters.queries === asked);
  // As a terminal does: the whole process group gets it.
  for (const pid of workers) process.kill(pid, 'SIGTERM');
  const still = await TcpClient.open(server.port);
  t.regex(await still.ask('ping\n'), /^pong /);
  server.running.child.kill('SIGTERM');
  await still.closed;
  reader.socket.resume();
  t.is((await reader.closed).match(/^end 300 /gm)?.length, asked);
  t.is((await server.running.ended).code, 0);
  t.deepEqual(workers.filter(isAlive), []);
});

serial('workers › a taken port is reported as by one process, and nothing stays', async (t) => {
  const folder = await makeFolder(t);
  const conf = join(folder, 'ddns.conf');
  const { port } = shared;
  await writeFile(conf, `Interface=127.0.0.1\nPort=${port}\nDatabase=h.db\nSocket=s\nThreads=2\n`);
  const { ended } = await startDdnsd(t, ['--conf', conf]);
  const { code, stderr } = await ended;
  t.is(code, 1);
  t.is(
    stderr,
    `ddnsd: 127.0.0.1:${port} is taken by another process. Stop it (ss -ltnp 'sport = :${port}' names it), or set another Port in ddns.conf\n`,
  );
});

serial('workers › a server whose workers cannot run reports it and does not start', async (t) => {
  const settings = { threads: 2 };
  process.env.DDNS_CORES = '3';
  t.teardown(() => {
    delete process.env.DDNS_CORES;
  });
  const workerProgram = join(await makeFolder(t), 'fails.js');
  // Without a word: what it said would be in the output of the tests.
  await writeFile(workerProgram, 'process.exit(1);');
  await t.throwsAsync(startTestServer(t, { settings, workerProgram }), {
    message:
      'a worker process ended with exit code 1 before it could listen; set Threads=1 in ddns.conf to do without',
  });
});
