import test from 'ava';
import fc from 'fast-check';
import {
  AddressList,
  addressWords,
  formatAddress,
  formatIp,
  isIpv4,
  maxAddressBytes,
  maxAddressText,
  packAddress,
  parseAddress,
  writeAddress,
} from '../../../shared/protocol/address.ts';

function reformat(text: string): string | null {
  const words = parseAddress(text);
  return words === null ? null : formatAddress(words, 0);
}

test('address › IPv4 keeps its text', (t) => {
  for (const text of ['0.0.0.0:1', '1.2.3.4:80', '10.0.0.255:4524', '255.255.255.255:65535'])
    t.is(reformat(text), text);
});

test('address › IPv6 is written as RFC 5952 says', (t) => {
  const vectors: [from: string, to: string][] = [
    // §4.1: leading zeros are left out.
    ['[2001:0db8::0001]:80', '[2001:db8::1]:80'],
    // §4.2.1: `::` shortens as much as it can.
    ['[2001:db8:0:0:0:0:2:1]:80', '[2001:db8::2:1]:80'],
    // §4.2.2: one group alone is not shortened.
    ['[2001:db8:0:1:1:1:1:1]:80', '[2001:db8:0:1:1:1:1:1]:80'],
    ['[2001:db8::1:1:1:1:1]:80', '[2001:db8:0:1:1:1:1:1]:80'],
    // §4.2.3: the longest run, and the first of two that are equally long.
    ['[2001:0:0:1:0:0:0:1]:80', '[2001:0:0:1::1]:80'],
    ['[2001:db8:0:0:1:0:0:1]:80', '[2001:db8::1:0:0:1]:80'],
    // §4.3: small letters.
    ['[2001:DB8::ABCD]:80', '[2001:db8::abcd]:80'],
    ['[::]:80', '[::]:80'],
    ['[::1]:80', '[::1]:80'],
    ['[1::]:80', '[1::]:80'],
    ['[0:0:0:0:0:0:0:0]:80', '[::]:80'],
    ['[1:2:3:4:5:6:7:8]:80', '[1:2:3:4:5:6:7:8]:80'],
    ['[1:2:3:4:5:6:7::]:80', '[1:2:3:4:5:6:7:0]:80'],
    ['[::2:3:4:5:6:7:8]:80', '[0:2:3:4:5:6:7:8]:80'],
    ['[1:2:3:4:5:6:1.2.3.4]:80', '[1:2:3:4:5:6:102:304]:80'],
    ['[64:ff9b::192.0.2.33]:80', '[64:ff9b::c000:221]:80'],
  ];
  for (const [from, to] of vectors) t.is(reformat(from), to, from);
});

test('address › an IPv4 address and its mapped form are the same', (t) => {
  t.deepEqual(parseAddress('[::ffff:10.1.2.3]:4000'), parseAddress('10.1.2.3:4000'));
  t.deepEqual(parseAddress('[::ffff:a01:203]:4000'), parseAddress('10.1.2.3:4000'));
  t.deepEqual(packAddress('::ffff:10.1.2.3', 4000), packAddress('10.1.2.3', 4000));
  t.true(isIpv4(parseAddress('[::ffff:10.1.2.3]:4000') as Uint32Array, 0));
  t.false(isIpv4(parseAddress('[::10.1.2.3]:4000') as Uint32Array, 0));
});

test('address › malformed text is refused', (t) => {
  const malformed = [
    ...['', ':', '::', '1', '1.2.3.4', '1.2.3.4:', ':80', '1.2.3:80', '1.2.3.4.5:80', '1..3.4:80'],
    ...['01.2.3.4:80', '1.2.3.256:80', '1.2.3.-4:80', '1.2.3.4:0', '1.2.3.4:65536', '1.2.3.4:080'],
    ...['1.2.3.4:Inf', '1.2.3.4:8o', '1.2.3.4 :80', ' 1.2.3.4:80', '1.2.3.4:80 ', '1.2.3.4:+80'],
    ...['.1.2.3:80', '1.2.3.4.:80', '1.2.3.4:80:80', '0x1.2.3.4:80', '١.2.3.4:80', 'ı.2.3.4:80'],
    ...['host:80', '[]:80', '[:]:80', '[:::]:80', '[:1]:80', '[1:]:80', '[::1]', '[::1]80'],
    ...['::1:80', '[::1:80', '::1]:80', '[[::1]]:80', '[::1]:', '[::1]:0', '[::1%lo]:80'],
    ...['[1::2::3]:80', '[:::1]:80', '[1:::2]:80', '[1:::]:80', '[1:2:3:4:5:6:7]:80'],
    ...['[1:2:3:4:5:6:7:8:9]:80', '[1:2:3:4:5:6:7:8::]:80', '[12345::]:80', '[g::]:80'],
    ...['[::@]:80', '[::`]:80', '[::/]:80', '[1.2.3.4]:80', '[::1.2.3]:80', '[::1.2.3.4:5]:80'],
    ...['[1:2:3:4:5:6:7:1.2.3.4]:80', '[::ffff:1.2.3.256]:80', '1'.repeat(48)],
  ];
  for (const text of malformed) t.is(reformat(text), null, text);
});

test('address › packing takes what a socket says of its peer', (t) => {
  const text = (ip: string, port: number) => {
    const words = packAddress(ip, port);
    return words === null ? null : formatAddress(words, 0);
  };
  t.is(text('127.0.0.1', 4000), '127.0.0.1:4000');
  t.is(text('::1', 4000), '[::1]:4000');
  t.is(text('fe80::1%eth0', 4000), '[fe80::1]:4000');
  t.is(text('127.0.0.1', 0), null);
  t.is(text('127.0.0.1', 65536), null);
  t.is(text('127.0.0.1', 1.5), null);
  t.is(text('localhost', 4000), null);
  t.is(formatIp(packAddress('::1', 1) as Uint32Array, 0), '::1');
  t.is(formatIp(packAddress('1.2.3.4', 1) as Uint32Array, 0), '1.2.3.4');
});

const anyWords = fc
  .tuple(
    fc.oneof(
      fc.tuple(fc.constant(0), fc.constant(0), fc.constant(0xffff), fc.nat(0xffffffff)),
      fc.tuple(...Array.from({ length: 4 }, () => fc.oneof(fc.constant(0), fc.nat(0xffffffff)))),
    ),
    fc.integer({ min: 1, max: 65535 }),
  )
  .map(([ip, port]) => Uint32Array.from([...ip, port]));

test('address › every octet and every port is written with its digits', (t) => {
  const words = Uint32Array.from([0, 0, 0xffff, 0, 0]);
  let wrong = 0;
  for (let port = 0; port <= 65535; port++) {
    const octets = [port >>> 8, port & 255, 255 - (port & 255), (port * 7) & 255];
    words[3] = Buffer.from(octets).readUInt32BE();
    words[4] = port;
    if (formatAddress(words, 0) !== `${octets.join('.')}:${port}`) wrong++;
  }
  t.is(wrong, 0);
});

test('address › every address survives being written and read', (t) => {
  fc.assert(
    fc.property(anyWords, (words) => {
      const text = formatAddress(words, 0);
      t.true(text.length <= maxAddressText);
      t.deepEqual(parseAddress(text), words);
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

test('address › the longest text is as long as its limit says', (t) => {
  const words = Uint32Array.from([...Array(4).fill(0xffffffff), 65535]);
  const out = new Uint8Array(maxAddressBytes);
  t.is(writeAddress(words, 0, new DataView(out.buffer), 0), maxAddressText);
  t.is(
    Buffer.from(out.buffer, 0, maxAddressText).toString(),
    '[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535',
  );
});

test('address list › grows as it is filled, and keeps what it has', (t) => {
  const list = new AddressList(0);
  const texts = Array.from({ length: 100 }, (_, index) => `10.0.0.${index}:${index + 1}`);
  for (const text of texts) t.true(list.pushText(Buffer.from(text), 0, text.length));
  t.deepEqual(list.toTexts(), texts);
  t.is(list.words.length % addressWords, 0);
});

test('address list › a malformed text leaves it as it was', (t) => {
  const list = AddressList.of('10.0.0.1:1');
  t.false(list.pushText(Buffer.from('10.0.0.2:0'), 0, 10));
  t.deepEqual(list.toTexts(), ['10.0.0.1:1']);
  t.throws(() => AddressList.of('nonsense'), { instanceOf: RangeError });
});

test('address › a word among others is read as it is alone, whatever stands behind it', (t) => {
  const anyWord = fc.oneof(
    fc.constantFrom('10.0.0.1:4000', '[2001:db8::1]:1', '1.2.3.4:5', '255.255.255.255:65535'),
    fc.constantFrom(
      '01.2.3.4:5',
      '1.2.3.256:5',
      '1.2.3.4:0',
      '1.2.3.4:65536',
      '1.2.3:4',
      '1.2.3.4',
    ),
    fc.constantFrom('1.2.3.4:05', '1.2.3.4:5x', '1.2.3.4:', '1000.2.3.4:5', '', '.', ':', '1'),
    fc.stringMatching(/^[0-9.:]{1,20}$/),
  );
  const anyBehind = fc.constantFrom('', ' ', ' 9', '\n1', '\r\n');
  fc.assert(
    fc.property(
      anyWord,
      anyBehind,
      fc.constantFrom('', '1', '.5:6', ':7'),
      (word, behind, stale) => {
        const bytes = Buffer.from(`${word}${behind}${stale}`);
        const end = word.length + (behind.startsWith(' ') ? behind.length : 0);
        const [alone, among] = [new AddressList(), new AddressList()];
        const isAddress = alone.pushText(Buffer.from(word), 0, word.length);
        t.is(
          among.pushWord(bytes, 0, end),
          isAddress ? word.length : -1,
          `${word}|${behind}${stale}`,
        );
        t.deepEqual(among.toTexts(), alone.toTexts());
      },
    ),
    { numRuns: 2_000 },
  );
});
