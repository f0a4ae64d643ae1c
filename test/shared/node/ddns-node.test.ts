import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { within } from '../../fixture/look-until.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { programFile } from '../../fixture/programs.ts';
import { makeFolder } from '../../fixture/temp-folder.ts';
import { type Answer, deadAddress, ScriptedServer } from './scripted-server.ts';

function start(t: ExecutionContext, ...script: Answer[]): Promise<ScriptedServer> {
  return ScriptedServer.startFor(t, ...script);
}

class Run {
  out = '';
  err = '';
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;

  constructor(t: ExecutionContext, ...args: string[]) {
    this.child = spawn(process.execPath, [programFile('ddns-node'), ...args]);
    this.child.stdout?.on('data', (chunk) => {
      this.out += chunk;
    });
    this.child.stderr?.on('data', (chunk) => {
      this.err += chunk;
    });
    this.ended = once(this.child, 'close').then(([code]) => ({
      code,
      out: this.out,
      err: this.err,
    }));
    t.teardown(() => this.child.kill('SIGKILL'));
  }

  /** Resolves once standard error has a line that matches; rejects when the program ends before. */
  async said(pattern: RegExp): Promise<RegExpMatchArray> {
    for (;;) {
      const match = pattern.exec(this.err);
      if (match !== null) return match;
      await within(
        Promise.race([
          once(this.child.stderr as NodeJS.ReadableStream as never, 'data'),
          this.ended.then(() => Promise.reject(new Error(`ended: ${this.err}`))),
        ]),
        () => this.err,
      );
    }
  }
}

test('ddns-node › --once prints the list, leaves and exits', async (t) => {
  const server = await start(t, 'hosts 127.0.0.9:1 [::1]:2\nend 2 k.1 full\n');
  const run = new Run(
    t,
    ...['--listen', '127.0.0.1:0', '--server', server.address, '--id', 'me', '--once'],
  );
  t.deepEqual(await run.ended, { code: 0, out: '127.0.0.9:1\n[::1]:2\n', err: '' });
  t.regex(server.requests.join(), /^query me (\d+)\n,leave me \1\n$/);
});

test('ddns-node › --udp asks in datagrams, and is reached by them', async (t) => {
  const server = await startTestServer(t, { settings: { service: 2 } });
  const address = `127.0.0.1:${server.port}`;
  const run = new Run(
    t,
    ...['--listen', '127.0.0.1:0', '--server', address, '--id', 'udp', '--udp'],
  );
  const [, host = ''] = await run.said(/(127\.0\.0\.1:\d+) \(udp\) joined through/);
  const console = await server.attach();
  t.like(await console.host(host), { nodeId: 'udp', dialect: 'udp' });
  t.like(await console.ping(host), { answered: true });
  run.child.kill('SIGTERM');
  t.is((await run.ended).code, 0);
  const { hosts, counters } = await server.status();
  t.deepEqual([hosts.live, counters.left, counters.connections], [0, 1, 0]);
});

test('ddns-node › --once --json prints one object', async (t) => {
  const server = await start(t, 'hosts 127.0.0.9:1\nend 1 k.1 full\n');
  const { code, out } = await new Run(
    t,
    ...['--listen', '127.0.0.1:0', '--server', server.address, '--id', 'me', '--once', '--json'],
  ).ended;
  t.is(code, 0);
  const { address, ...rest } = JSON.parse(out);
  t.regex(address, /^127\.0\.0\.1:\d+$/);
  t.deepEqual(rest, { nodeId: 'me', server: server.address, hosts: ['127.0.0.9:1'] });
});

test('ddns-node › keeps running, answers a ping, and leaves when it is stopped', async (t) => {
  const server = await start(t, 'hosts 127.0.0.9:1\nend 1 k.1 full\n');
  const run = new Run(t, '--listen', '127.0.0.1:0', '--server', server.address, '--id', 'me');
  const [, port] = await run.said(/127\.0\.0\.1:(\d+) \(me\) joined through \S+; hosts: 1\n/);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write('ping\n');
  const [answer] = await once(socket, 'data');
  t.is(String(answer), 'pong me\n');
  socket.destroy();
  run.child.kill('SIGTERM');
  const { code, out } = await run.ended;
  t.is(code, 0);
  t.is(out, '+ 127.0.0.9:1\n');
  t.deepEqual(server.requests, [`query me ${port}\n`, `leave me ${port}\n`]);
});

test('ddns-node › finds a name server by its host name, at whichever of its addresses it listens', async (t) => {
  const server = await startTestServer(t);
  const node = new Run(t, '--listen', '127.0.0.1:0', '--server', `localhost:${server.port}`);
  await node.said(/joined through 127\.0\.0\.1:/);
  node.child.kill('SIGTERM');
  await server.until(({ counters }) => counters.leaves === 1);
  t.is((await node.ended).code, 0);
});

test('ddns-node › a Ctrl-C that comes twice, because npm passes it on, lets it say good-bye', async (t) => {
  const requests: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const request = String(data);
      requests.push(request);
      // It is on its way out.
      if (request.startsWith('leave ')) run.child.kill('SIGINT');
      socket.end(request.startsWith('query ') ? 'end 0 k.1 full\n' : 'ok\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const run = new Run(t, '--listen', '127.0.0.1:0', '--server', at, '--id', 'me');
  await run.said(/joined through/);
  run.child.kill('SIGINT');
  t.is((await run.ended).code, 0);
  t.regex(requests.join(), /^query me (\d+)\n,leave me \1\n$/);
});

test('ddns-node › a wrong command line is reported, with exit code 2', async (t) => {
  const table: [args: string[], message: RegExp][] = [
    [[], /required option '--listen/],
    [['--listen', '127.0.0.1:4000'], /required option '--server/],
    [['--listen', 'nowhere', '--server', '127.0.0.1'], /nowhere is not ip:port/],
    [
      ['--listen', '127.0.0.1:1', '--server', 'ns..example'],
      /"ns\.\.example" is not an address or a/,
    ],
    [['--listen', '127.0.0.1:1', '--server', '::1', '--id', 'a b'], /1 to 64 letters/],
    [['--listen', '127.0.0.1:1', '--server', '::1', '--sleep'], /unknown option '--sleep'/],
    [['--listen', '127.0.0.1:1', '--server', '::1', '::2'], /too many arguments/],
  ];
  for (const [args, message] of table) {
    const { code, out, err } = await new Run(t, ...args).ended;
    t.is(code, 2, args.join(' '));
    t.is(out, '');
    t.regex(err, message);
  }
});

test('ddns-node › a port in use is reported in one line, with the next step', async (t) => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.teardown(() => taken.close());
  const address = taken.address();
  const listen = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  t.deepEqual(await new Run(t, '--listen', listen, '--server', '127.0.0.1:9').ended, {
    code: 1,
    out: '',
    err: `ddns-node: ${listen} is taken: stop what listens there, or choose another --listen\n`,
  });
});

test('ddns-node › --once without a name server ends with exit code 69', async (t) => {
  const server = await start(t, null);
  const { code, out, err } = await new Run(
    t,
    ...['--listen', '127.0.0.1:0', '--server', server.address, '--once'],
  ).ended;
  t.is(code, 69);
  t.is(out, '');
  t.is(server.connections, 4);
  t.regex(err, /no name server answered; check --server, and that one runs there\n$/);
});

test('ddns-node › prints what it learns and from which server, and keeps it in its file', async (t) => {
  const folder = makeFolder(t);
  const known = join(folder, 'known');
  await writeFile(known, 'garbage\n127.0.0.9:1\n');
  const server = await start(t, 'hosts 127.0.0.9:2\ngone 127.0.0.9:1\nend 1 k.1\n');
  const run = new Run(
    t,
    ...['--listen', '127.0.0.1:0', '--server', server.address, '--id', 'me', '--known', known],
  );
  await run.said(/joined through/);
  run.child.kill('SIGTERM');
  const { code, out, err } = await run.ended;
  t.is(code, 0);
  t.is(out, '+ 127.0.0.9:2\n- 127.0.0.9:1\n');
  const [, port] = /127\.0\.0\.1:(\d+) \(me\)/.exec(err) ?? [];
  t.is(
    err,
    [
      `ddns-node: ${known}: 1 of 2 lines are not hosts and were skipped; it was renamed to ${known}.bad`,
      `ddns-node: name server ${server.address}: 1 added, 1 gone`,
      `ddns-node: 127.0.0.1:${port} (me) joined through ${server.address}; hosts: 1`,
      '',
    ].join('\n'),
  );
  t.regex(await readFile(known, 'utf8'), /^127\.0\.0\.9:2 name-server \d{13}\n$/);
});

test('ddns-node › --json prints one object per line', async (t) => {
  const server = await start(t, 'hosts 127.0.0.9:2\nend 1 k.1 full\n');
  const run = new Run(
    t,
    ...['--listen', '127.0.0.1:0', '--server', server.address, '--id', 'me', '--json'],
  );
  const [, address] = await run.said(/(127\.0\.0\.1:\d+) \(me\) joined through/);
  run.child.kill('SIGINT');
  const { code, out } = await run.ended;
  t.is(code, 0);
  const hosts = ['127.0.0.9:2'];
  t.deepEqual(
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [
      { event: 'hosts', by: 'name-server', from: server.address, added: hosts, gone: [] },
      { event: 'joined', address, nodeId: 'me', server: server.address, hosts },
    ],
  );
});

test('ddns-node › tries several name servers in their order, and says why each failed', async (t) => {
  const first = await start(t, 'HTTP/1.1 400\n');
  const second = await start(t, 'hosts 127.0.0.9:2\nend 1 k.1 full\n');
  const servers = [first, second].flatMap(({ address }) => ['--server', address]);
  const { code, out, err } = await new Run(t, '--listen', '127.0.0.1:0', ...servers, '--once')
    .ended;
  t.deepEqual([code, out], [0, '127.0.0.9:2\n']);
  const line = (attempt: number) =>
    `ddns-node: ${first.address}: not a reply: "HTTP/1.1 400" (attempt ${attempt} of 4)\n`;
  t.is(err, [1, 2, 3, 4].map(line).join(''));
});

test('ddns-node › without a name server it keeps running, and leaves when it is stopped', async (t) => {
  const run = new Run(t, '--listen', '127.0.0.1:0', '--server', deadAddress());
  await run.said(/no name server answered; still trying\n/);
  run.child.kill('SIGTERM');
  const { code, out } = await run.ended;
  t.deepEqual([code, out], [0, '']);
});

test('ddns-node › --help names every option and exit code', async (t) => {
  const help = await new Run(t, '--help').ended;
  t.is(help.code, 0);
  for (const word of ['--listen', '--server', '--known', '--id', '--once', '--json'])
    t.true(help.out.includes(word), word);
  t.regex(
    help.out,
    /--server <server> +a name server, ip\[:port\] or name\[:port\] \(port 4524\);\s+repeat the option/,
  );
  t.regex(
    help.out,
    /Exit codes: 0 ok, 2 usage, 69 no name server answered \(with --once\), 1 the rest\./,
  );
});

test('ddns-node › a --known file that is a named pipe is reported, and does not block', async (t) => {
  const known = join(makeFolder(t), 'pipe');
  execFileSync('mkfifo', [known]);
  const server = await start(t, 'hosts 127.0.0.9:1\nend 1 k.1 full\n');
  const run = new Run(
    t,
    ...['--listen', '127.0.0.1:0', '--server', server.address, '--known', known],
  );
  await run.said(/pipe: it is not a regular file; continuing without it/);
  await run.said(/joined through/);
  run.child.kill('SIGTERM');
  t.is((await run.ended).code, 0);
  t.true((await stat(known)).isFIFO());
});

for (const signal of ['SIGHUP', 'SIGQUIT'] as const)
  test(`ddns-node › ${signal} makes it leave`, async (t) => {
    const server = await start(t, 'end 0 k.1 full\n');
    const run = new Run(t, '--listen', '127.0.0.1:0', '--server', server.address, '--id', 'me');
    await run.said(/joined through/);
    run.child.kill(signal);
    t.is((await run.ended).code, 0);
    t.regex(server.requests.join(), /leave me \d+\n$/);
  });

test('ddns-node › SIGUSR1 and SIGUSR2 change nothing', async (t) => {
  const server = await start(t, 'end 0 k.1 full\n');
  const run = new Run(t, '--listen', '127.0.0.1:0', '--server', server.address, '--id', 'me');
  await run.said(/joined through/);
  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGTERM'] as const) run.child.kill(signal);
  const { code, err } = await run.ended;
  t.is(code, 0);
  t.notRegex(err, /ebugger/);
  t.regex(server.requests.join(), /leave me \d+\n$/);
});
