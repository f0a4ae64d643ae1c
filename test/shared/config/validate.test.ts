import test from 'ava';
import { parseConf } from '../../../shared/config/conf-file.ts';
import { formatProblem } from '../../../shared/config/problem.ts';
import type { Settings } from '../../../shared/config/settings.ts';
import { defaultSettings, validateConf } from '../../../shared/config/validate.ts';

const linux = { file: '/etc/dynamo/DDNS/ddns.conf', platform: 'linux' } as const;
const windows = { file: 'C:\\dynamo\\ddns\\ddns.conf', platform: 'win32' } as const;

const defaults: Settings = {
  domain: 2,
  service: 1,
  protocol: 0,
  port: 4524,
  interface: '192.168.0.1',
  backlog: 100,
  threads: 12,
  ttlMs: 3_600_000,
  pingAttempts: 3,
  nameServers: [],
  fleet: null,
  natsCredentials: null,
  advertise: null,
  secret: null,
  secretFile: null,
  database: '/var/lib/ddnsd/hosts.db',
  socket: '/run/ddnsd/ddnsd.sock',
  maxHosts: 1_000_000,
  hostsPerSource: 1_024,
  newHostsPerSource: 512,
  newHostsPerNetwork: 4_096,
  allow: [],
  deny: [],
  proxies: [],
  localHosts: 'same-kind',
  zone: 'dynamo.',
  nodePort: null,
  dnsPort: null,
  metrics: null,
  logLevel: 'info',
};

test('settings › an empty file gives the defaults of the founding document', (t) => {
  t.deepEqual(validateConf(parseConf(''), linux), { settings: defaults, problems: [] });
  t.deepEqual(defaultSettings(linux), defaults);
});

test('settings › Windows has its own default paths', (t) => {
  t.deepEqual(defaultSettings(windows), {
    ...defaults,
    database: 'C:\\dynamo\\ddns\\hosts.db',
    socket: '\\\\.\\pipe\\ddnsd',
  });
});

const accepted: [line: string, expected: Partial<Settings>][] = [
  ['Domain=10\nInterface=::', { domain: 10, interface: '::' }],
  ['Domain=10\nInterface=fe80::1%eth0', { domain: 10, interface: 'fe80::1%eth0' }],
  ['SERVICE=1', { service: 1 }],
  ['protocol=6', { protocol: 6 }],
  ['Port=1', { port: 1 }],
  ['Port=65535', { port: 65_535 }],
  ['Port=04524', { port: 4524 }],
  ['Interface=0.0.0.0', { interface: '0.0.0.0' }],
  ['Interface=eth0', { interface: 'eth0' }],
  ['Interface=eth0:1', { interface: 'eth0:1' }],
  ['Interface=Local Area Connection* 1', { interface: 'Local Area Connection* 1' }],
  ['Backlog=1', { backlog: 1 }],
  ['Backlog=65535', { backlog: 65_535 }],
  ['Threads=1', { threads: 1 }],
  ['Threads=1024', { threads: 1024 }],
  ['Metrics=None', { metrics: null }],
  ['Metrics=9524', { metrics: '127.0.0.1:9524' }],
  ['Metrics=10.0.0.5:9524', { metrics: '10.0.0.5:9524' }],
  ['Metrics=[::1]:9524', { metrics: '[::1]:9524' }],
  ['Metrics=0.0.0.0:9524', { metrics: '0.0.0.0:9524' }],
  ['TTL=1s', { ttlMs: 1_000 }],
  ['TTL=90s', { ttlMs: 90_000 }],
  ['TTL=60M', { ttlMs: 3_600_000 }],
  ['TTL=1h', { ttlMs: 3_600_000 }],
  ['TTL=30d', { ttlMs: 2_592_000_000 }],
  ['TTL=2592000s', { ttlMs: 2_592_000_000 }],
  ['Database=hosts.db', { database: '/etc/dynamo/DDNS/hosts.db' }],
  ['Database=../my hosts.db', { database: '/etc/dynamo/my hosts.db' }],
  ['Database=/srv/hosts.db', { database: '/srv/hosts.db' }],
  ['Socket=ddnsd.sock', { socket: '/etc/dynamo/DDNS/ddnsd.sock' }],
  [`Socket=/${'s'.repeat(106)}`, { socket: `/${'s'.repeat(106)}` }],
  ['MaxHosts=1', { maxHosts: 1 }],
  ['NewHostsPerSource=16', { newHostsPerSource: 16 }],
  ['NewHostsPerNetwork=16000000', { newHostsPerNetwork: 16_000_000 }],
  [
    'Deny=203.0.113.0/24, 2001:db8::/32,198.51.100.7',
    { deny: ['203.0.113.0/24', '2001:db8::/32', '198.51.100.7'] },
  ],
  ['Allow=0.0.0.0/0 ::/0', { allow: ['0.0.0.0/0', '::/0'] }],
  ['Proxies=none', { proxies: [] }],
  ['MaxHosts=16000000', { maxHosts: 16_000_000 }],
  ['LogLevel=TRACE', { logLevel: 'trace' }],
];

for (const [text, expected] of accepted)
  test(`settings › accepts ${JSON.stringify(text)}`, (t) => {
    const { settings, problems } = validateConf(parseConf(text), linux);
    t.deepEqual(problems, []);
    t.deepEqual(settings, { ...defaults, ...expected });
  });

const number = (min: number, max: number) => `must be ${min} to ${max}`;
const ttl = 'must be a number and a unit (s, m, h or d), 1s to 30d, for example 90s or 60m';
const notAName = "must be an IP address or an interface's name";
const notANetwork = (text: string) =>
  `"${text}" is not a network: must be ip or ip/bits, as 203.0.113.0/24 or 2001:db8::/32`;

const refused: [line: string, message: string][] = [
  ['Metrics=0', 'must be none, a port, or ip:port, IPv6 in brackets'],
  ['Metrics=all:9524', 'must be none, a port, or ip:port, IPv6 in brackets'],
  ['Metrics=10.0.0.5', 'must be none, a port, or ip:port, IPv6 in brackets'],
  ['Metrics=::1:9524', 'must be none, a port, or ip:port, IPv6 in brackets'],
  ['Domain=4', 'must be 2 (AF_INET) or 10 (AF_INET6)'],
  ['Domain=AF_INET', 'must be 2 (AF_INET) or 10 (AF_INET6)'],
  ['Service=3', 'must be 1 (SOCK_STREAM) or 2 (SOCK_DGRAM)'],
  ['Protocol=1', 'must be 0 (the one that fits Service), 6 (TCP) or 17 (UDP)'],
  ['Protocol=17', 'is UDP, but Service=1 is SOCK_STREAM: must be 0 or 6 (TCP)'],
  ['Port=0', number(1, 65_535)],
  ['Port=65536', number(1, 65_535)],
  ['Port=-1', number(1, 65_535)],
  ['Port=4524.0', number(1, 65_535)],
  ['Port=4e3', number(1, 65_535)],
  ['Port=0x11', number(1, 65_535)],
  ['Port=four', number(1, 65_535)],
  [`Port=${'9'.repeat(400)}`, number(1, 65_535)],
  ['Port=４５２４', number(1, 65_535)],
  ['Interface=192.168.0.256', 'is not an IPv4 address; must be four numbers from 0 to 255'],
  ['Interface=192.168.0', 'is not an IPv4 address; must be four numbers from 0 to 255'],
  ['Interface=fe80::1::2', 'is not an IPv6 address'],
  ['Interface=[::1]', 'must be without brackets: ::1'],
  ['Interface=192.168.0.1/24', notAName],
  ['Interface="eth0"', notAName],
  ['Interface=eth\u001b[2J0', notAName],
  ['Backlog=0', number(1, 65_535)],
  ['Backlog=65536', number(1, 65_535)],
  ['Threads=0', number(1, 1024)],
  ['Threads=1025', number(1, 1024)],
  ['TTL=60', ttl],
  ['TTL=0s', ttl],
  ['TTL=31d', ttl],
  ['TTL=2592001s', ttl],
  ['TTL=1.5h', ttl],
  ['TTL=-5m', ttl],
  ['TTL=m', ttl],
  ['Database="/srv/hosts.db"', 'must not be quoted; spaces are allowed'],
  ["Database='x'", 'must not be quoted; spaces are allowed'],
  ['Database=/srv/\u0007hosts.db', 'must not contain control characters'],
  ['MaxHosts=0', number(1, 16_000_000)],
  ['MaxHosts=16000001', number(1, 16_000_000)],
  ['NewHostsPerSource=15', number(16, 16_000_000)],
  ['Deny=203.0.113.0/33', notANetwork('203.0.113.0/33')],
  ['Deny=10.0.0.1, example.org', notANetwork('example.org')],
  ['Allow=fe80::1%eth0', notANetwork('fe80::1%eth0')],
  ['Proxies=10.0.0.0/8/8', notANetwork('10.0.0.0/8/8')],
  [
    `Deny=${Array.from({ length: 251 }, (_, index) => `10.0.0.${index % 250}`).join(',')}`,
    '251 networks; at most 250 are supported, a longer list belongs into a firewall',
  ],
  ['LogLevel=loud', 'must be one of error, warn, info, debug, trace'],
];

for (const [text, message] of refused)
  test(`settings › refuses ${JSON.stringify(text.slice(0, 60))}`, (t) => {
    const { file } = linux;
    const [name] = text.split('=');
    t.deepEqual(validateConf(parseConf(`# a comment\n${text}\n`), linux), {
      settings: null,
      problems: [{ file, line: 2, name, value: text.slice(name.length + 1), message }],
    });
  });

function mistakes(text: string, context: Parameters<typeof validateConf>[1] = linux): string[] {
  return validateConf(parseConf(text), context).problems.map(formatProblem);
}

test('settings › UDP does not fit a stream, TCP does not fit datagrams', (t) => {
  t.deepEqual(mistakes('Protocol=17\nService=1\n'), [
    `${linux.file}:1: Protocol=17: is UDP, but Service=1 is SOCK_STREAM: must be 0 or 6 (TCP)`,
  ]);
  t.deepEqual(mistakes('Service=2\nProtocol=6\n'), [
    `${linux.file}:2: Protocol=6: is TCP, but Service=2 is SOCK_DGRAM: must be 0 or 17 (UDP)`,
  ]);
  for (const protocol of [0, 17]) t.deepEqual(mistakes(`Service=2\nProtocol=${protocol}\n`), []);
});

test('settings › Metrics is not a port that the name server has itself', (t) => {
  const port = 'is Port itself; take another port, for example 9524';
  t.deepEqual(mistakes('Interface=127.0.0.1\nMetrics=4524'), [
    `${linux.file}:2: Metrics=4524: ${port}`,
  ]);
  t.deepEqual(mistakes('Metrics=0.0.0.0:4524'), [`${linux.file}:1: Metrics=0.0.0.0:4524: ${port}`]);
  t.deepEqual(mistakes('Interface=0.0.0.0\nDnsPort=53\nMetrics=53'), [
    `${linux.file}:3: Metrics=53: is DnsPort itself; take another port, for example 9524`,
  ]);
  t.deepEqual(mistakes('Interface=10.0.0.1\nMetrics=4524'), []);
});

test('settings › an Interface of the other family than Domain is refused', (t) => {
  t.deepEqual(mistakes('Interface=::1'), [
    `${linux.file}:1: Interface=::1: is an IPv6 address, but Domain is 2 (AF_INET): must be an IPv4 address, an interface's name, or Domain=10`,
  ]);
  t.deepEqual(mistakes('Domain=10\nInterface=10.0.0.1'), [
    `${linux.file}:2: Interface=10.0.0.1: is an IPv4 address, but Domain is 10 (AF_INET6): must be an IPv6 address, an interface's name, or Domain=2`,
  ]);
});

test('settings › Domain=10 alone says that the default Interface does not fit it', (t) => {
  t.deepEqual(mistakes('Domain=10'), [
    `${linux.file}:1: Domain=10: needs an IPv6 address, but Interface is not set and its default 192.168.0.1 is IPv4; add a line such as Interface=::`,
  ]);
});

test('settings › a socket path of 107 bytes is the longest', (t) => {
  const folder = `/${'ü'.repeat(50)}`;
  const path = `${folder}/${'s'.repeat(6)}`;
  t.deepEqual(mistakes(`Socket=${path.slice(0, -1)}`), []);
  t.deepEqual(mistakes(`Socket=${path}`), [
    `${linux.file}:1: Socket=${path}: the socket path ${path} has 108 bytes, but a Unix socket path has at most 107; use a shorter folder, for example Socket=/run/ddnsd/ddnsd.sock`,
  ]);
});

test('settings › the default socket is never too long, a relative one is measured as resolved', (t) => {
  const file = `/${'d'.repeat(100)}/ddns.conf`;
  t.deepEqual(mistakes('Port=1', { file, platform: 'linux' }), []);
  t.regex(
    mistakes('Socket=a.sock', { file, platform: 'linux' }).join(),
    /^[^ ]+:1: Socket=a\.sock: the socket path \/d{100}\/a\.sock has 108 bytes/,
  );
});

test('settings › on Windows the socket must be a named pipe', (t) => {
  t.deepEqual(mistakes('Socket=\\\\.\\pipe\\mine\nDatabase=hosts.db', windows), []);
  t.deepEqual(mistakes('Socket=ddnsd.sock', windows), [
    `${windows.file}:1: Socket=ddnsd.sock: must be a named pipe, \\\\.\\pipe\\NAME`,
  ]);
});

test('settings › every kind of mistake in one file is reported, with its line', (t) => {
  const text = [
    '# ddns.conf of a bad day',
    'Domain=3',
    'Service=2',
    'Protocol=6',
    'Port=70000',
    'port=4524',
    'Interface=192.168.0.300',
    'Backlog=',
    'Treads=12',
    'Colour=blue',
    'Threads 12',
    '=5',
    'TTL=60',
    'MaxHosts=\u001b[31m1',
    'LogLevel=loud',
    `Socket=/${'s'.repeat(107)}`,
    `Database=${'d'.repeat(5_000)}`,
    'nul\0=1',
    'Database="hosts.db"',
  ].join('\r\n');
  const known =
    'Domain, Service, Protocol, Port, Interface, Backlog, Threads, TTL, PingAttempts, NameServers, Fleet, NatsCredentials, Advertise, Secret, SecretFile, Database, Socket, MaxHosts, HostsPerSource, NewHostsPerSource, NewHostsPerNetwork, Allow, Deny, Proxies, LocalHosts, Zone, NodePort, DnsPort, Metrics, LogLevel';
  const expected = [
    ':2: Domain=3: must be 2 (AF_INET) or 10 (AF_INET6)',
    ':4: Protocol=6: is TCP, but Service=2 is SOCK_DGRAM: must be 0 or 17 (UDP)',
    ':5: Port=70000: must be 1 to 65535',
    ':6: port=4524: is set twice; line 5 already says Port=70000. Keep one of the two',
    ':7: Interface=192.168.0.300: is not an IPv4 address; must be four numbers from 0 to 255',
    ':8: Backlog=: has no value; allowed: 1 to 65535',
    ':9: Treads=12: is not a setting; did you mean Threads?',
    `:10: Colour=blue: is not a setting; known: ${known}`,
    ':11: "Threads 12" is not name=value; a comment begins with #',
    ':12: "=5" has no name before the =',
    `:13: TTL=60: ${ttl}`,
    ':14: MaxHosts=\\x1b[31m1: must be 1 to 16000000',
    ':15: LogLevel=loud: must be one of error, warn, info, debug, trace',
    `:16: Socket=/${'s'.repeat(78)}…: the socket path /${'s'.repeat(107)} has 108 bytes, but a Unix socket path has at most 107; use a shorter folder, for example Socket=/run/ddnsd/ddnsd.sock`,
    `:17: "Database=${'d'.repeat(51)}…" has 5009 characters, but a line has at most 4096`,
    ':18: "nul\\x00=1" has a NUL character; save the file as UTF-8 text',
    ':19: Database="hosts.db": must not be quoted; spaces are allowed',
  ].map((line) => linux.file + line);
  t.deepEqual(mistakes(text), expected);
});

const slips: [wrong: string, meant: string | null][] = [
  ['Prot', 'Port'],
  ['Pott', 'Port'],
  ['Backlogs', 'Backlog'],
  ['blacklog', 'Backlog'],
  ['log_level', 'LogLevel'],
  ['Iterfaec', 'Interface'],
  ['TLT', 'TTL'],
  ['x', null],
  ['Timeout', null],
];

for (const [wrong, meant] of slips)
  test(`settings › ${wrong} ${meant === null ? 'is like no setting' : `probably means ${meant}`}`, (t) => {
    const [{ message }] = validateConf(parseConf(`${wrong}=1`), linux).problems;
    t.is(/did you mean (\w+)\?/.exec(message)?.[1] ?? null, meant);
  });
