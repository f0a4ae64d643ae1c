import type { NetworkInterfaceInfo } from 'node:os';
import test from 'ava';
import { cpuQuota, judgeCores, processesFor, usableCores } from '../../../daemon/machine/cores.ts';
import { InterfaceWatch } from '../../../daemon/machine/interface-watch.ts';
import { startTestServer } from '../../fixture/name-server.ts';
import { exchange, TcpClient } from '../../fixture/tcp-client.ts';

const v2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n';
const v1 = [
  '31 23 0:28 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755',
  '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
  '33 31 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset',
].join('\n');
const docker = '32 31 0:29 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n';

const cases: [title: string, files: Record<string, string>, cores: number | null][] = [
  ['no cgroups', {}, null],
  [
    'v2 without a quota',
    {
      '/proc/self/cgroup': '0::/system.slice/ddnsd.service\n',
      '/proc/self/mountinfo': v2,
      '/sys/fs/cgroup/system.slice/ddnsd.service/cpu.max': 'max 100000\n',
    },
    null,
  ],
  [
    "v2, systemd's CPUQuota=150%",
    {
      '/proc/self/cgroup': '0::/system.slice/ddnsd.service\n',
      '/proc/self/mountinfo': v2,
      '/sys/fs/cgroup/system.slice/ddnsd.service/cpu.max': '150000 100000\n',
    },
    1.5,
  ],
  [
    'v2, the smaller one of a slice above',
    {
      '/proc/self/cgroup': '0::/system.slice/ddnsd.service\n',
      '/proc/self/mountinfo': v2,
      '/sys/fs/cgroup/system.slice/ddnsd.service/cpu.max': '800000 100000\n',
      '/sys/fs/cgroup/system.slice/cpu.max': '200000 100000\n',
    },
    2,
  ],
  [
    'v2 in a container, which sees itself as the root',
    {
      '/proc/self/cgroup': '0::/\n',
      '/proc/self/mountinfo': v2,
      '/sys/fs/cgroup/cpu.max': '50000 100000\n',
    },
    0.5,
  ],
  [
    'v1',
    {
      '/proc/self/cgroup': '4:memory:/a\n3:cpu,cpuacct:/a\n1:cpuset:/b\n',
      '/proc/self/mountinfo': v1,
      '/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us': '400000\n',
      '/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
    },
    4,
  ],
  [
    'v1 in a container, whose mount begins below the root',
    {
      '/proc/self/cgroup': '3:cpu:/docker/abc\n',
      '/proc/self/mountinfo': docker,
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '100000\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '50000\n',
    },
    2,
  ],
  [
    'v1 of which nothing can be read',
    { '/proc/self/cgroup': 'x\n', '/proc/self/mountinfo': `y\n${docker}` },
    null,
  ],
];
for (const [title, files, cores] of cases)
  test(`cores › the quota of a cgroup: ${title}`, (t) => {
    t.is(
      cpuQuota((file) => files[file] ?? null),
      cores,
    );
  });

test('cores › usable cores are the minimum of affinity and quota, with the reason', (t) => {
  t.deepEqual(judgeCores(8, 8, null), { usable: 8, text: '8 cores' });
  t.deepEqual(judgeCores(8, 2, null), { usable: 2, text: '2 cores: affinity to 2 of 8' });
  t.deepEqual(judgeCores(8, 8, 2.5), { usable: 2, text: '2 cores: a CPU quota of 2.5 of 8' });
  t.deepEqual(judgeCores(8, 2, 2.5), { usable: 2, text: '2 cores: a CPU quota of 2.5 of 8' });
  t.deepEqual(judgeCores(8, 2, 4), { usable: 2, text: '2 cores: affinity to 2 of 8' });
  t.deepEqual(judgeCores(8, 8, 0.5), { usable: 1, text: '1 core: a CPU quota of 0.5 of 8' });
  t.deepEqual(judgeCores(2, 2, 4), { usable: 2, text: '2 cores' });
});

test('cores › each worker has a core beside the main process, or there is none', (t) => {
  const processes = (threads: number, usable: number) =>
    processesFor(threads, { usable, text: '' });
  t.deepEqual(
    [1, 2, 3, 4, 13, 64].map((cores) => processes(12, cores)),
    [1, 1, 2, 3, 12, 12],
  );
  t.deepEqual([processes(1, 64), processes(2, 2), processes(2, 3)], [1, 1, 2]);
});

test('cores › tests can set the number', (t) => {
  t.deepEqual(usableCores({ DDNS_CORES: '3' }), { usable: 3, text: '3 cores' });
  t.true(usableCores({ DDNS_CORES: 'many' }).usable >= 1);
});

test('descriptors › with few of them, clients leave room for consoles, and the start logs a warning', async (t) => {
  const server = await startTestServer(t, { openFiles: 96 });
  const [warning] = server.logged;
  t.is(warning?.level, 'warn');
  t.regex(
    String(warning?.msg),
    /^the limit of 96 open files leaves room for 30 clients, 5 pings, 5 connections of name servers and 5 consoles at once; raise it to \d+ \(LimitNOFILE in ddnsd\.service, or ulimit -n\) for all of them$/,
  );
  const clients: TcpClient[] = [];
  for (let index = 0; index < 40; index++)
    clients.push(await TcpClient.open(server.port, { from: `127.0.5.${index + 1}` }));
  const { connections, counters } = await server.until(({ counters }) => counters.evicted === 10);
  t.deepEqual([connections.open, connections.limit, counters.busy], [30, 30, 0]);
  t.regex(await exchange(server.port, 'ping\n'), /^pong /);
  for (const client of clients) client.destroy();
});

test('descriptors › with enough of them, nothing is logged', async (t) => {
  const server = await startTestServer(t, { openFiles: 65_536 });
  t.deepEqual(
    server.logged.filter(({ level }) => level === 'warn'),
    [],
  );
});

function info(address: string): NetworkInterfaceInfo {
  return {
    ...{ address, netmask: '255.255.255.0', family: 'IPv4', mac: '00:00:00:00:00:00' },
    ...{ internal: false, cidr: null },
  } as NetworkInterfaceInfo;
}

/** What a watch of the interface eth9, bound to 10.0.0.1, logs at each look. */
function watched(looks: readonly string[][], wanted = 'eth9'): [string[], InterfaceWatch] {
  const said: string[] = [];
  const log = { warn: (text: string) => said.push(text), info: (text: string) => said.push(text) };
  let addresses: string[] = [];
  const watch = new InterfaceWatch({
    settings: { interface: wanted, domain: 2 },
    bindAddress: '10.0.0.1',
    interfaces: () => ({ eth9: addresses.map(info) }),
    log: log as never,
  });
  for (addresses of looks) watch.look();
  return [said, watch];
}

test('interface watch › a changed address is reported once, with the next step', (t) => {
  const [said, watch] = watched([['10.0.0.1'], ['10.0.0.2'], ['10.0.0.2'], ['10.0.0.2']]);
  t.deepEqual(said, [
    'no link that is up has 10.0.0.1, the address this name server listens on: it cannot be reached. Interface eth9 now has 10.0.0.2; restart ddnsd to listen there',
  ]);
  t.deepEqual(watch.change, { name: 'Interface', from: '10.0.0.1', to: '10.0.0.2' });
});

test('interface watch › a lost address is reported, and so is its return', (t) => {
  for (const wanted of ['eth9', '10.0.0.1']) {
    const [said, watch] = watched([[], [], [], ['10.0.0.1'], ['10.0.0.1']], wanted);
    t.is(said.length, 2);
    t.regex(
      said[0] ?? '',
      /it cannot be reached; bring back the link or the address, or set another Interface/,
    );
    t.is(said[1], 'this machine has its listening address 10.0.0.1 again');
    t.deepEqual([watch.isLost, watch.change], [false, null]);
  }
  const [, gone] = watched([[], []]);
  t.deepEqual([gone.isLost, gone.change], [true, null], 'a restart would not help');
});

test('interface watch › a renewed lease and an additional address are not reported', (t) => {
  const [said] = watched([
    ['10.0.0.1'],
    [],
    ['10.0.0.1'],
    ['10.0.0.2', '10.0.0.1'],
    ['10.0.0.2', '10.0.0.1'],
  ]);
  t.deepEqual(said, []);
});

test('interface watch › a server that listens on all addresses loses none', (t) => {
  const watch = new InterfaceWatch({
    settings: { interface: '0.0.0.0', domain: 2 },
    bindAddress: '0.0.0.0',
    interfaces: () => ({}),
    log: { warn: () => t.fail() } as never,
  });
  watch.look();
  watch.look();
  t.is(watch.change, null);
});

test('interface watch › the console and a reload show that a restart is needed', async (t) => {
  let address = '127.0.0.1';
  const server = await startTestServer(t, {
    settings: { interface: 'eth9' },
    bindAddress: '127.0.0.1',
    interfaces: () => ({ eth9: [info(address)] }),
  });
  const console = await server.attach();
  t.deepEqual((await server.status()).config.restartNeeded, []);
  address = '10.0.0.2';
  await server.until(({ config }) => config.restartNeeded.includes('Interface'));
  t.deepEqual(await console.reload(), {
    changed: [],
    waiting: [{ name: 'Interface', from: '127.0.0.1', to: '10.0.0.2' }],
  });
  const said = server.logged.map(({ msg }) => String(msg));
  t.true(said.some((text) => /Interface eth9 now has 10\.0\.0\.2; restart ddnsd/.test(text)));
  t.true(said.some((text) => /^Interface changed from .* waits for a restart$/.test(text)));
  address = '127.0.0.1';
  await server.until(({ config }) => config.restartNeeded.length === 0);
});
