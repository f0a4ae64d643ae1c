// The real demo network, as `npm run demo` runs it: what it prints, how it looks on a terminal, and that nothing is
// left behind, however it ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { lookUntil } from '../fixture/look-until.ts';
import { programFile } from '../fixture/programs.ts';
import { makeFolder } from '../fixture/temp-folder.ts';
import { openTerminal } from '../robot/terminal.ts';

/** What a demo prints at its start. */
interface Place {
  folder: string;
  /** of the name servers, and of the nodes */
  ports: number[];
  /** the process that runs the network, and those of the name servers */
  network: number;
  servers: number[];
}

interface Demo {
  child: ChildProcess;
  place: Promise<Place>;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

function startDemo(t: ExecutionContext, ...parameters: string[]): Demo {
  return startDemoIn(t, tmpdir(), ...parameters);
}

function startDemoIn(t: ExecutionContext, temporary: string, ...parameters: string[]): Demo {
  const child = spawn(process.execPath, [programFile('ddns-demo'), ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: temporary },
  });
  t.teardown(() => {
    child.kill('SIGKILL');
  });
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const place = new Promise<Place>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const found = placeIn(stdout);
      if (found !== null) resolve(found);
    });
  });
  const ended = new Promise<Awaited<Demo['ended']>>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, place, ended };
}

function placeIn(text: string): Place | null {
  const all = /all of it is in (\S+), run by process (\d+)/.exec(text);
  const servers = [...text.matchAll(/^name server \S+, process (\d+)/gm)];
  const nodes = /nodes, 127\.0\.1\.1:(\d+)/.exec(text);
  const port = /^name server 127\.0\.0\.2:(\d+),/m.exec(text);
  if (all === null) return null;
  return {
    ports: [Number(port?.[1]), Number(nodes?.[1])],
    folder: all[1] as string,
    network: Number(all[2]),
    servers: servers.map(([, pid]) => Number(pid)),
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // An orphan that has ended stays in the list until somebody collects it.
  if (process.platform !== 'linux') return true;
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function nothingIsLeft({ folder, network, servers }: Place): Promise<unknown> {
  const left = () => [...[folder].filter(existsSync), ...[network, ...servers].filter(isRunning)];
  return lookUntil(left, ({ length }) => length === 0);
}

function isThere(t: ExecutionContext, { folder, network, servers }: Place): void {
  t.true(existsSync(folder));
  t.is(servers.length, 3);
  t.deepEqual([network, ...servers].map(isRunning), [true, true, true, true]);
}

test.serial(
  'demo › events are printed, the name servers agree at the end, and nothing is left',
  async (t) => {
    t.timeout(60_000);
    const demo = startDemo(t, '--seconds', '5', '--seed', '4524');
    const place = await demo.place;
    isThere(t, place);
    const { code, stdout, stderr } = await demo.ended;
    t.is(stderr, '');
    t.is(code, 0, stdout);
    t.false(existsSync(place.folder));
    t.deepEqual([place.network, ...place.servers].map(isRunning), [false, false, false, false]);
    t.regex(stdout, /s joined +127\.0\.1\.\d+:\d+ +node-\d\d, knows \d+ host/);
    t.regex(stdout, /s burst +127\.0\.0\.2:\d+ +12 slow clients fill its backlog/);
    t.regex(stdout, /s redirected +127\.0\.1\.\d+:\d+ .*by 127\.0\.0\.2:\d+ to 127\.0\.0\.[34]/);
    const [counts, live, last] = stdout.trimEnd().split('\n').slice(-3) as [string, string, string];
    t.is(last, 'All three name servers hold the same hosts.');
    const [, joined, redirected] = /^In 5 s: (\d+) joined, .* (\d+) redirected,/.exec(counts) ?? [];
    t.true(Number(joined) >= 60, counts);
    t.true(Number(redirected) >= 1, counts);
    const hosts = [...live.matchAll(/127\.0\.0\.[234]:\d+: (\d+)/g)].map(([, count]) => count);
    t.is(hosts.length, 3);
    t.is(new Set(hosts).size, 1, live);
    t.true(Number(hosts[0]) >= 50, live);
  },
);

test.serial(
  'demo › two demos have different ports and leave nothing after SIGTERM or SIGKILL',
  async (t) => {
    t.timeout(60_000);
    const demos = [startDemo(t, '--plain'), startDemo(t)] as const;
    const places = await Promise.all(demos.map(({ place }) => place));
    t.is(new Set(places.flatMap(({ ports }) => ports)).size, 4);
    for (const place of places) isThere(t, place);
    const [terminated, killed] = demos;
    terminated.child.kill('SIGTERM');
    killed.child.kill('SIGKILL');
    const { code, stderr } = await terminated.ended;
    t.is(stderr, '');
    t.is(code, 143);
    const { folder, network, servers } = await terminated.place;
    t.false(existsSync(folder));
    t.deepEqual([network, ...servers].map(isRunning), [false, false, false, false]);
    await nothingIsLeft(await killed.place);
  },
);

test.serial('demo › a killed network is reported, and leaves nothing', async (t) => {
  t.timeout(60_000);
  const demo = startDemo(t);
  const place = await demo.place;
  process.kill(place.network, 'SIGKILL');
  const { code, stderr } = await demo.ended;
  t.is(code, 1);
  t.is(stderr, 'ddns-demo: the demo network has ended by itself\n');
  await nothingIsLeft(place);
});

test.serial(
  'demo › on a terminal the console shows the first name server, and q ends everything',
  async (t) => {
    t.timeout(60_000);
    const robot = await openTerminal({ columns: 100, rows: 30 });
    try {
      await robot.run([process.execPath, programFile('ddns-demo'), '--seed', '4524']);
      await robot.sees('● live', '127.0.0.2:', 'Live hosts');
      const place = placeIn(robot.output.replaceAll('\r', '')) as Place;
      isThere(t, place);
      robot.type('4');
      await robot.until('redirects', (screen) =>
        /[1-9]\d* redirects? since/.test(screen.join('\n')),
      );
      robot.type('q');
      t.is(await robot.exitCode(), 0);
      t.false(existsSync(place.folder));
      t.deepEqual([place.network, ...place.servers].map(isRunning), [false, false, false, false]);
    } finally {
      robot.close();
    }
  },
);

test.serial(
  'demo › the reason why a name server cannot start is printed, and nothing is left',
  async (t) => {
    t.timeout(60_000);
    const temporary = join(makeFolder(t), 'too-long-for-a-socket-'.repeat(5));
    mkdirSync(temporary);
    const { code, stdout, stderr } = await startDemoIn(t, temporary, '--plain').ended;
    t.is(code, 1);
    t.is(stdout, '');
    t.regex(stderr, /^ddns-demo: the name server 127\.0\.0\.[234]:\d+ did not start:\n.*Socket/s);
    t.notRegex(stderr, /\n +at /);
    t.deepEqual(readdirSync(temporary), []);
  },
);

test.serial('demo › an unknown or invalid option is refused', async (t) => {
  for (const parameters of [['--fast'], ['--seconds', '0'], ['more']]) {
    const { code, stdout, stderr } = await startDemo(t, ...parameters).ended;
    t.is(code, 2);
    t.is(stdout, '');
    t.regex(stderr, /^error: /);
  }
});
