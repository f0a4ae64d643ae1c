// The examples of RFC 9018, appendix A, and cookies that must not be believed.
import test from 'ava';
import { DnsCookies } from '../../../../daemon/core/dns/dns-cookies.ts';
import { packAddress } from '../../../../shared/protocol/address.ts';

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

function ip(text: string): Uint32Array {
  return packAddress(text, 1) as Uint32Array;
}

const secret = 'e5e973e5a6b2a43f48e7dc849e37bfcf';

const examples: [
  what: string,
  secret: string,
  client: string,
  from: string,
  time: number,
  server: string,
][] = [
  [
    'A.1, learning a new cookie',
    secret,
    '2464c4abcf10c957',
    '198.51.100.100',
    1_559_731_985,
    '010000005cf79f111f8130c3eee29480',
  ],
  [
    'A.2, renewing an old cookie',
    secret,
    '2464c4abcf10c957',
    '198.51.100.100',
    1_559_734_385,
    '010000005cf7a871d4a564a1442aca77',
  ],
  [
    'A.3, another reserved field',
    secret,
    'fc93fc62807ddb86',
    '203.0.113.203',
    1_559_734_700,
    '010000005cf7a9acf73a7810aca2381e',
  ],
  [
    'A.4, IPv6 and a new secret',
    '445536bcd2513298075a5d379663c962',
    '22681ab97d52c298',
    '2001:db8:220:1:59de:d0f4:8769:82b8',
    1_559_741_961,
    '010000005cf7c609a6bb79d16625507a',
  ],
];

for (const [what, key, client, from, time, server] of examples)
  test(`dns cookies › RFC 9018, ${what}`, (t) => {
    const cookies = new DnsCookies(bytes(key));
    const made = cookies.make(bytes(client), ip(from), time * 1_000);
    t.is(Buffer.from(made).toString('hex'), client + server);
    t.true(cookies.isValid(made, ip(from), time * 1_000));
  });

const from = ip('192.0.2.1');
const cookies = new DnsCookies(bytes(secret));
const madeAt = 1_559_731_985_000;
const made = cookies.make(bytes('2464c4abcf10c957'), from, madeAt);

test('dns cookies › a cookie is good for an hour, and five minutes before it was made', (t) => {
  const isValid = (seconds: number) => cookies.isValid(made, from, madeAt + seconds * 1_000);
  t.deepEqual([-301, -300, 0, 3_600, 3_601].map(isValid), [false, true, true, true, false]);
});

test('dns cookies › another source, another client cookie, another secret or any other bit is not believed', (t) => {
  t.false(cookies.isValid(made, ip('192.0.2.2'), madeAt));
  t.false(new DnsCookies(bytes('00'.repeat(16))).isValid(made, from, madeAt));
  for (let bit = 0; bit < made.length * 8; bit++) {
    const changed = Uint8Array.from(made);
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    t.false(cookies.isValid(changed, from, madeAt), `bit ${bit}`);
  }
  for (let length = 8; length < 40; length++)
    if (length !== made.length) {
      const cut = new Uint8Array(length);
      cut.set(made.subarray(0, length));
      t.false(cookies.isValid(cut, from, madeAt), `${length} bytes`);
    }
});

test('dns cookies › a cookie stays the same for half an hour, and is renewed then', (t) => {
  const later = (seconds: number) => cookies.renew(made, from, madeAt + seconds * 1_000);
  t.deepEqual(later(1_800), made);
  const renewed = later(1_801);
  t.notDeepEqual(renewed, made);
  t.true(cookies.isValid(renewed, from, madeAt + 5_000_000));
});
