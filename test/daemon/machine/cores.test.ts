import test from 'ava';
import { cpuQuota, judgeCores, processesFor, usableCores } from '../../../daemon/machine/cores.ts';

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

test('cores › what may be used is the least of affinity and quota, and is said', (t) => {
  t.deepEqual(judgeCores(8, 8, null), { usable: 8, text: '8 cores' });
  t.deepEqual(judgeCores(8, 2, null), { usable: 2, text: '2 cores: affinity to 2 of 8' });
  t.deepEqual(judgeCores(8, 8, 2.5), { usable: 2, text: '2 cores: a CPU quota of 2.5 of 8' });
  t.deepEqual(judgeCores(8, 2, 2.5), { usable: 2, text: '2 cores: a CPU quota of 2.5 of 8' });
  t.deepEqual(judgeCores(8, 2, 4), { usable: 2, text: '2 cores: affinity to 2 of 8' });
  t.deepEqual(judgeCores(8, 8, 0.5), { usable: 1, text: '1 core: a CPU quota of 0.5 of 8' });
  t.deepEqual(judgeCores(2, 2, 4), { usable: 2, text: '2 cores' });
});

test('cores › a process that accepts has a core beside the main one, or there is none', (t) => {
  const processes = (threads: number, usable: number) =>
    processesFor(threads, { usable, text: '' });
  t.deepEqual(
    [1, 2, 3, 4, 13, 64].map((cores) => processes(12, cores)),
    [1, 1, 2, 3, 12, 12],
  );
  t.deepEqual([processes(1, 64), processes(2, 2), processes(2, 3)], [1, 1, 2]);
});

test('cores › a test says how many there are', (t) => {
  t.deepEqual(usableCores({ DDNS_CORES: '3' }), { usable: 3, text: '3 cores' });
  t.true(usableCores({ DDNS_CORES: 'many' }).usable >= 1);
});
