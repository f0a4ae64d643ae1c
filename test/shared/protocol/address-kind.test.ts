import test from 'ava';
import { AddressList, addressWords, packAddress } from '../../../shared/protocol/address.ts';
import {
  addressKind,
  kindOf,
  kindsListedTo,
  sourceOf,
} from '../../../shared/protocol/address-kind.ts';

/** The first and the last address of each range, and their neighbours on either side. */
const expected: Record<keyof typeof addressKind, string[]> = {
  public: [
    ...['1.0.0.0', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255'],
    ...['128.0.0.0', '169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0'],
    ...['192.167.255.255', '192.169.0.0', '223.255.255.255', '240.0.0.1', '255.255.255.254'],
    ...['::2', '64:ff9b::1', '2001:db8::1', 'fbff::1', 'fe7f::1', '::1:0:0:1', '1::1'],
  ],
  private: [
    ...['10.0.0.0', '10.255.255.255', '100.64.0.0', '100.127.255.255', '172.16.0.0'],
    ...[
      '172.31.255.255',
      '192.168.0.0',
      '192.168.255.255',
      'fc00::',
      'fdff::1',
      'fec0::',
      'feff::',
    ],
  ],
  linkLocal: ['169.254.0.0', '169.254.255.255', 'fe80::', 'febf:ffff::1'],
  loopback: ['127.0.0.0', '127.255.255.255', '::1', '::ffff:127.0.0.1'],
  none: [
    '0.0.0.0',
    '0.255.255.255',
    '224.0.0.0',
    '239.255.255.255',
    '255.255.255.255',
    '::',
    'ff02::1',
  ],
};

for (const [kind, ips] of Object.entries(expected))
  test(`address kind › ${ips.length} addresses are ${kind}`, (t) => {
    for (const ip of ips) {
      const words = packAddress(ip, 4000);
      t.is(words && kindOf(words, 0), addressKind[kind as keyof typeof addressKind], ip);
    }
  });

test('address kind › an asker receives only addresses that it can reach', (t) => {
  const told = Object.entries(addressKind).map(([asker, kind]) => [
    asker,
    Object.entries(addressKind)
      .filter(([, each]) => kindsListedTo(kind) & each)
      .map(([name]) => name)
      .join(' '),
  ]);
  t.deepEqual(Object.fromEntries(told), {
    public: 'public',
    private: 'public private',
    linkLocal: 'public private linkLocal',
    loopback: 'public private linkLocal loopback none',
    none: 'public',
  });
});

function sourceOfIp(ip: string): string {
  return sourceOf(packAddress(ip, 4524) as Uint32Array);
}

test('source › an IPv4 address is a source of its own, also in its mapped form', (t) => {
  t.is(sourceOfIp('192.0.2.1'), '192.0.2.1');
  t.is(sourceOfIp('::ffff:192.0.2.1'), '192.0.2.1');
  t.not(sourceOfIp('192.0.2.2'), sourceOfIp('192.0.2.1'));
});

test('source › all IPv6 addresses of a /64 are one source', (t) => {
  t.is(sourceOfIp('2001:db8:1:2::1'), '2001:db8:1:2::/64');
  t.is(sourceOfIp('2001:db8:1:2:ffff:ffff:ffff:ffff'), '2001:db8:1:2::/64');
  t.is(sourceOfIp('2001:db8:1:3::1'), '2001:db8:1:3::/64');
  t.is(sourceOfIp('fe80::1%eth0'), 'fe80::/64');
  t.is(sourceOfIp('::1'), '::/64');
});

test('source › it is read at any index, and the port does not matter', (t) => {
  const { words } = AddressList.of('10.0.0.1:1', '[2001:db8::1]:2', '10.0.0.1:3');
  t.deepEqual(
    [0, 1, 2].map((index) => sourceOf(words, index * addressWords)),
    ['10.0.0.1', '2001:db8::/64', '10.0.0.1'],
  );
});
