import test from 'ava';
import {
  findBindAddress,
  listInterfaces,
  localInterfaces,
} from '../../../shared/config/interface-address.ts';
import type { NetworkInterfaces } from '../../../shared/own-interfaces.ts';
import { asRoot, runModule } from '../../fixture/other-user.ts';

function info(address: string, internal = false) {
  const rest = { netmask: '', mac: '00:00:00:00:00:00', internal, cidr: null };
  return address.includes(':')
    ? ({ ...rest, address, family: 'IPv6', scopeid: 0 } as const)
    : ({ ...rest, address, family: 'IPv4' } as const);
}

const machine: NetworkInterfaces = {
  lo: [info('127.0.0.1', true), info('::1', true)],
  eth0: [info('10.0.0.5'), info('fe80::5'), info('fd00::5')],
  wlan0: [info('169.254.9.9'), info('10.1.1.7'), info('fe80::7')],
  tun0: [info('10.8.0.1')],
  eth1: [],
};
const has =
  'It has: lo 127.0.0.1, ::1; eth0 10.0.0.5, fe80::5, fd00::5; wlan0 169.254.9.9, 10.1.1.7, fe80::7; tun0 10.8.0.1; eth1 (no address or link). Set Interface to one of these, or to';

const found: [title: string, wanted: string, domain: 2 | 10, address: string][] = [
  ['an address of this machine', '10.0.0.5', 2, '10.0.0.5'],
  ['all IPv4 addresses', '0.0.0.0', 2, '0.0.0.0'],
  ['all IPv6 addresses', '::', 10, '::'],
  ['all IPv6 addresses, written at length', '0:0:0:0:0:0:0:0', 10, '0:0:0:0:0:0:0:0'],
  ['an IPv6 address in another spelling', 'FD00:0::5', 10, 'FD00:0::5'],
  ['a link-local address with its zone', 'fe80::5%eth0', 10, 'fe80::5%eth0'],
  ['any loopback address', '127.0.0.4', 2, '127.0.0.4'],
  ["an interface's IPv4 address", 'eth0', 2, '10.0.0.5'],
  ["an interface's IPv6 address, rather not the link-local one", 'eth0', 10, 'fd00::5'],
  ['rather not a self-assigned IPv4 address', 'wlan0', 2, '10.1.1.7'],
  [
    'a link-local address when the interface has no other, with its zone',
    'wlan0',
    10,
    'fe80::7%wlan0',
  ],
];

for (const [title, wanted, domain, address] of found)
  test(`interface address › finds ${title}`, (t) => {
    t.deepEqual(findBindAddress({ interface: wanted, domain }, machine), { address });
  });

const missing: [title: string, wanted: string, domain: 2 | 10, message: string][] = [
  [
    'an address of another machine',
    '192.168.0.1',
    2,
    `this machine does not have that address, or its link is down. ${has} 0.0.0.0 for all`,
  ],
  [
    'an unknown interface',
    'eth9',
    2,
    `this machine has no interface of that name. ${has} 0.0.0.0 for all`,
  ],
  [
    'an interface without an address',
    'eth1',
    2,
    `that interface has no address: it is down, has no link or was given none (ip address show eth1). ${has} 0.0.0.0 for all`,
  ],
  [
    'an interface without IPv6',
    'tun0',
    10,
    `that interface has no IPv6 address (Domain=10). ${has} :: for all`,
  ],
  [
    'an address in the wrong zone',
    'fe80::5%wlan0',
    10,
    `this machine does not have that address, or its link is down. ${has} :: for all`,
  ],
];

for (const [title, wanted, domain, message] of missing)
  test(`interface address › ${title} is refused, with what there is`, (t) => {
    t.deepEqual(findBindAddress({ interface: wanted, domain }, machine), { message });
  });

test('interface address › a machine without a network is reported as such', (t) => {
  t.deepEqual(findBindAddress({ interface: 'eth0', domain: 2 }, {}), {
    message: 'this machine has no interface of that name. It has no addresses',
  });
});

test('interface address › where the system does not tell its addresses, one is taken as it is, and a name cannot be', (t) => {
  t.deepEqual(findBindAddress({ interface: '10.0.0.5', domain: 2 }, null), { address: '10.0.0.5' });
  t.deepEqual(findBindAddress({ interface: 'eth0', domain: 2 }, null), {
    message: 'the system does not tell which interfaces this machine has. Set an IP address',
  });
});

test('interface address › this very machine has its loopback address', (t) => {
  const interfaces = localInterfaces() ?? {};
  t.deepEqual(findBindAddress({ interface: '127.0.0.1', domain: 2 }, interfaces), {
    address: '127.0.0.1',
  });
  t.regex(listInterfaces(interfaces), /127\.0\.0\.1/);
});

asRoot(
  'interface address › an interface of this machine that is down is said to have no address',
  (t) => {
    const source = `
    import { findBindAddress } from './shared/config/interface-address.ts';
    import { localInterfaces } from './shared/config/interface-address.ts';
    const { message } = findBindAddress({ interface: 'lo', domain: 2 }, localInterfaces());
    console.log(message);`;
    t.regex(
      runModule(source, { withoutNetwork: true }).stdout,
      /^that interface has no address: it is down, has no link or was given none \(ip address show lo\)/,
    );
  },
);
