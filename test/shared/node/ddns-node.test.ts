import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { type Answer, ScriptedServer } from './scripted-server.ts';

const program = fileURLToPath(new URL('../../../shared/node/ddns-node.ts', import.meta.url));

function start(t: ExecutionContext, ...script: Answer[]): Promise<ScriptedServer> {
  return ScriptedServer.startFor(t, ...script);
}

class Run {
  out = '';
  err = '';
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;

  constructor(t: ExecutionContext, ...args: string[]) {
    this.child = spawn(process.execPath, ['--import=tsx', program, ...args]);
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
      await Promise.race([
        once(this.child.stderr as NodeJS.ReadableStream as never, 'data'),
        this.ended.then(() => Promise.reject(new Error(`ended: ${this.err}`))),
      ]);
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

test('ddns-node › stays, answers a ping, and leaves when it is told to stop', async (t) => {
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

test('ddns-node › what is wrong on the command line is said, with exit code 2', async (t) => {
  const table: [args: string[], message: RegExp][] = [
    [[], /required option '--listen/],
    [['--listen', '127.0.0.1:4000'], /required option '--server/],
    [['--listen', 'nowhere', '--server', '127.0.0.1'], /nowhere is not ip:port/],
    [['--listen', '127.0.0.1:1', '--server', 'ns.example'], /must be an IP address/],
    [['--listen', '127.0.0.1:1', '--server', '::1', '--id', 'a b'], /1 to 64 letters/],
    [['--listen', '127.0.0.1:1', '--server', '::1', '--sleep'], /unknown option '--sleep'/],
  ];
  for (const [args, message] of table) {
    const { code, out, err } = await new Run(t, ...args).ended;
    t.is(code, 2, args.join(' '));
    t.is(out, '');
    t.regex(err, message);
  }
});

test('ddns-node › a taken port is said in one line, with what to do', async (t) => {
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
