// Headers as haproxy, nginx and AWS send them, byte by byte, and what is none.
import test from 'ava';
import { decodeProxyHeader } from '../../../daemon/clients/proxy-header.ts';

const signature = '0d0a0d0a000d0a515549540a';

/** A header of version 2: version and command, family, the length of the rest, the rest. */
function binary(command: string, family: string, rest: string): Buffer {
  const length = (rest.length / 2).toString(16).padStart(4, '0');
  return Buffer.from(signature + command + family + length + rest, 'hex');
}

const addresses4 = 'c0000201cb00710904d211ac';
const addresses6 = `${'20010db8000000000000000000000001'.repeat(2)}04d211ac`;

const headers: [title: string, bytes: Buffer, client: string | null][] = [
  ['version 1, IPv4', Buffer.from('PROXY TCP4 192.0.2.1 203.0.113.9 1234 4524\r\n'), '192.0.2.1'],
  [
    'version 1, IPv6',
    Buffer.from('PROXY TCP6 2001:db8::1 2001:db8::9 1234 4524\r\n'),
    '2001:db8::1',
  ],
  ['version 1, unknown', Buffer.from('PROXY UNKNOWN\r\n'), null],
  ['version 1, unknown with addresses', Buffer.from('PROXY UNKNOWN ffff::1 ffff::1 1 2\r\n'), null],
  ['version 2, IPv4', binary('21', '11', addresses4), '192.0.2.1'],
  ['version 2, IPv6', binary('21', '21', addresses6), '2001:db8:0:0:0:0:0:1'],
  [
    'version 2, with TLVs',
    binary('21', '11', `${addresses4}030004a5a5a5a5ea000474657374`),
    '192.0.2.1',
  ],
  ['version 2, LOCAL', binary('20', '00', ''), null],
  ['version 2, LOCAL with a body', binary('20', '11', addresses4), null],
  ['version 2, AF_UNSPEC', binary('21', '00', ''), null],
];

for (const [title, bytes, client] of headers)
  test(`proxy header › ${title}: the client is known once the last byte is there`, (t) => {
    for (let length = 0; length < bytes.length; length++)
      t.is(decodeProxyHeader(bytes.subarray(0, length)), 'incomplete', `${length} bytes`);
    const header = { length: bytes.length, client };
    t.deepEqual(decodeProxyHeader(bytes), header);
    t.deepEqual(decodeProxyHeader(Buffer.concat([bytes, Buffer.from('ping\n')])), header);
  });

const wrong: [title: string, bytes: Buffer][] = [
  ['a request', Buffer.from('ping\n')],
  ['another word', Buffer.from('PROXIE ')],
  ['no end of the line', Buffer.from(`PROXY TCP4 ${'1'.repeat(107)}`)],
  [
    'a line feed alone',
    Buffer.from(`PROXY TCP4 192.0.2.1 203.0.113.9 1234 4524\n${' '.repeat(80)}`),
  ],
  ['an address of the other family', Buffer.from('PROXY TCP4 2001:db8::1 2001:db8::9 1 2\r\n')],
  ['no address', Buffer.from('PROXY TCP4 example.org 203.0.113.9 1 2\r\n')],
  ['a port beyond 65535', Buffer.from('PROXY TCP4 192.0.2.1 203.0.113.9 65536 4524\r\n')],
  ['a port of words', Buffer.from('PROXY TCP4 192.0.2.1 203.0.113.9 http 4524\r\n')],
  ['words that are missing', Buffer.from('PROXY TCP4 192.0.2.1\r\n')],
  ['one word more', Buffer.from('PROXY TCP4 192.0.2.1 203.0.113.9 1 2 3\r\n')],
  ['version 3', binary('31', '11', addresses4)],
  ['another command', binary('22', '11', addresses4)],
  ['addresses that are cut off', binary('21', '11', addresses4.slice(2))],
  ['UDP', binary('21', '12', addresses4)],
  ['a Unix socket', binary('21', '31', '00'.repeat(216))],
  ['more than is read', Buffer.from(`${signature}2111ffff`, 'hex')],
];

for (const [title, bytes] of wrong)
  test(`proxy header › ${title} is none`, (t) => {
    t.is(decodeProxyHeader(bytes), 'wrong');
  });
