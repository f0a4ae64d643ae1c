import test from 'ava';
import { hostNameOf, maxServerName, namedServer } from '../../../shared/protocol/server-name.ts';

const longLabel = 'a'.repeat(63);
const longName = `${longLabel}.${longLabel}.${longLabel}.${'a'.repeat(61)}`;

const servers: [text: string, server: string][] = [
  ['10.0.0.1', '10.0.0.1:4524'],
  ['[2001:db8::1]:1', '[2001:db8::1]:1'],
  ['ns2.example.org', 'ns2.example.org:4524'],
  ['NS2.Example.Org.:4525', 'ns2.example.org:4525'],
  ['localhost', 'localhost:4524'],
  ['3com.com:080', '3com.com:80'],
  ['xn--mnchen-3ya.example', 'xn--mnchen-3ya.example:4524'],
  // minio/minio#5759, dgraph-io/dgraph#3748: no service of a Docker stack could be named.
  ['stack_ns2', 'stack_ns2:4524'],
  ['_ns._tcp.example:1', '_ns._tcp.example:1'],
  [longName, `${longName}:4524`],
];

test('server name › a name server is named by address or by host name, with a port or without', (t) => {
  for (const [text, server] of servers) t.deepEqual(namedServer(text), { server });
  t.is(`${longName}:65535`.length, maxServerName);
});

const mistakes: [text: string, says: RegExp][] = [
  ['', /^"" is not an address: must be ip, ip:port, name or name:port, IPv6 with a port/],
  ['10.0.0.256', /^"10\.0\.0\.256" is not an address/],
  ['10.0.0.1:0', /^"10\.0\.0\.1:0" is not an address/],
  ['0.0.0.0', /is not an address/],
  ['2001:db8::1:99999x', /is not an address/],
  ['fe80::1%eth0', /is not an address/],
  ['ns:1:2', /is not an address/],
  ['ns1:0', /^"ns1:0" has the port "0": must be 1 to 65535$/],
  ['ns1:65536', /has the port "65536"/],
  ['ns1:', /has the port ""/],
  ['ns 1', /"ns 1" must be letters, digits, hyphens and underscores, and begin and end without a/],
  ['-ns', /"-ns" must be/],
  ['ns-.example', /"ns-" must be/],
  ['ns..example', /is not an address or a host name/],
  ['münchen.example', /is not a host name: write it in ASCII \(xn--…\)$/],
  [`${longLabel}a.example`, /has 64 characters; at most 63 are allowed between two dots$/],
  [`${longName}a`, /^"\S+" is not a host name: it has 254 characters; at most 253 are allowed$/],
  ['http://ns1', /has the port "\/\/ns1"/],
];

test('server name › what is neither is refused with what is wrong', (t) => {
  for (const [text, says] of mistakes) {
    const named = namedServer(text);
    t.regex('mistake' in named ? named.mistake : 'accepted', says, text);
  }
});

test('server name › the host name is told from an address', (t) => {
  t.is(hostNameOf('ns2.example.org:4524'), 'ns2.example.org');
  t.is(hostNameOf('10.0.0.1:4524'), null);
  t.is(hostNameOf('[2001:db8::1]:4524'), null);
});
