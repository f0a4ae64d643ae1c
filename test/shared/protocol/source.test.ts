import test from 'ava';
import { AddressList, addressWords, packAddress } from '../../../shared/protocol/address.ts';
import { sourceOf } from '../../../shared/protocol/address-kind.ts';

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

test('source › it is read where it stands, and the port does not matter', (t) => {
  const { words } = AddressList.of('10.0.0.1:1', '[2001:db8::1]:2', '10.0.0.1:3');
  t.deepEqual(
    [0, 1, 2].map((index) => sourceOf(words, index * addressWords)),
    ['10.0.0.1', '2001:db8::/64', '10.0.0.1'],
  );
});
