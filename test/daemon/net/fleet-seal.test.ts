import { createDecipheriv, hkdfSync, scryptSync } from 'node:crypto';
import test from 'ava';
import {
  FleetSeal,
  halfSealedText,
  sealBytes,
  unsealedText,
} from '../../../daemon/net/fleet-seal.ts';
import { noSecret, Secret } from '../../../shared/config/secret.ts';

const text = 'correct horse battery staple';
const seal = new FleetSeal(new Secret(text));
const other = new FleetSeal(new Secret(`${text}s`));
const open = new FleetSeal(null);
const names = ['00112233445566778899aabbccddeeff', 'ffeeddccbbaa99887766554433221100'] as const;
const subject = `ddns.dynamo.link.${names[0]}.${names[1]}`;
const bytes = Buffer.from('end 0123456789abcdef 1\n');

test('seal › what is sealed is opened by who has the secret, and hides what it is', (t) => {
  const sealed = seal.station(names[0]).seal(subject, bytes);
  t.is(sealed.length, bytes.length + sealBytes);
  t.false(Buffer.from(sealed).includes('end'));
  t.deepEqual(seal.station(names[1]).open(names[0], subject, sealed), bytes);
});

test('seal › it is what PROTOCOL.md says: HKDF and AES-256-GCM with the counter as nonce', (t) => {
  const station = seal.station(names[0]);
  station.seal(subject, bytes);
  const sealed = Buffer.from(station.seal(subject, bytes));
  const root = scryptSync(text, 'dynamo-dns fleet 1', 32, { N: 16_384, r: 8, p: 1 });
  const key = hkdfSync('sha256', root, Buffer.from(names[0], 'hex'), 'dynamo-dns fleet 1 seal', 32);
  const nonce = Buffer.from('000000000000000000000002', 'hex');
  t.is(sealed.subarray(0, 7).toString('hex'), '01000000000002');
  const opening = createDecipheriv('aes-256-gcm', Buffer.from(key), nonce);
  opening.setAAD(Buffer.from(subject));
  opening.setAuthTag(sealed.subarray(-16));
  t.deepEqual(Buffer.concat([opening.update(sealed.subarray(7, -16)), opening.final()]), bytes);
});

test('seal › another secret, another subject, another sender and every changed bit are noticed', (t) => {
  const sealed = Buffer.from(seal.station(names[0]).seal(subject, bytes));
  const reader = seal.station(names[1]);
  t.is(other.station(names[1]).open(names[0], subject, sealed), 'differs');
  t.is(reader.open(names[0], `${subject}0`, sealed), 'differs');
  t.is(reader.open(names[1], subject, sealed), 'differs');
  for (let bit = 8; bit < 8 * sealed.length; bit++) {
    const changed = Buffer.from(sealed);
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    t.is(reader.open(names[0], subject, changed), 'differs');
  }
  for (let length = 0; length < sealed.length; length++)
    t.is(typeof reader.open(names[0], subject, sealed.subarray(0, length)), 'string');
  t.deepEqual(reader.open(names[0], subject, sealed), bytes);
});

test('seal › nothing is opened twice, nor after what came later on its subject', (t) => {
  const station = seal.station(names[0]);
  const [first, second, third] = [1, 2, 3].map(() => station.seal(subject, bytes)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const elsewhere = station.seal('ddns.dynamo.announce.a.b', bytes);
  const reader = seal.station(names[1]);
  t.deepEqual(reader.open(names[0], 'ddns.dynamo.announce.a.b', elsewhere), bytes);
  t.deepEqual(reader.open(names[0], subject, second), bytes);
  t.is(reader.open(names[0], subject, second), 'replayed');
  t.is(reader.open(names[0], subject, first), 'replayed');
  t.deepEqual(reader.open(names[0], subject, third), bytes);
});

test('seal › no two messages of a station, and no two stations, begin alike', (t) => {
  const station = seal.station(names[0]);
  const all = Array.from({ length: 1_000 }, () =>
    Buffer.from(station.seal(subject, bytes)).toString('hex'),
  );
  t.is(new Set(all.map((each) => each.slice(0, 14))).size, 1_000);
  t.is(new Set(all.map((each) => each.slice(14))).size, 1_000);
  const same = Buffer.from(seal.station(names[1]).seal(subject, bytes)).toString('hex');
  t.not(same.slice(14), all[0]?.slice(14));
});

test('seal › who has a secret opens nothing that is plain, and who has none nothing that is sealed', (t) => {
  const plain = open.station(names[0]).seal(subject, bytes);
  t.deepEqual(Buffer.from(plain), Buffer.concat([Buffer.of(0), bytes]));
  t.deepEqual(open.station(names[1]).open(names[0], subject, plain), bytes);
  t.is(seal.station(names[1]).open(names[0], subject, plain), 'plain');
  const sealed = seal.station(names[0]).seal(subject, bytes);
  t.is(open.station(names[1]).open(names[0], subject, sealed), 'sealed');
  for (const empty of [Buffer.alloc(0), Buffer.of(7)])
    t.deepEqual(
      [seal, open].map((each) => each.station(names[1]).open(names[0], subject, empty)),
      ['plain', 'sealed'],
    );
});

test('seal › while the secret is replaced, the first line seals and both open; afterwards the old one is void', (t) => {
  const [old, next] = ['the secret before', 'the secret after it'];
  const [here, there] = [new FleetSeal(new Secret(old)), new FleetSeal(new Secret(old))];
  const [sender, reader] = [here.station(names[0]), there.station(names[1])];
  const passes = () => reader.open(names[0], subject, sender.seal(subject, bytes));
  for (const step of [new Secret(old, next), new Secret(next, old), new Secret(next)])
    for (const each of [here, there]) {
      each.configure(step);
      t.deepEqual(passes(), bytes, 'at every moment of the three steps');
    }
  t.is(here.openness, null);
  const late = new FleetSeal(new Secret(old)).station(names[0]);
  t.is(reader.open(names[0], subject, late.seal(subject, bytes)), 'differs');
});

test('seal › a secret is begun and given up in three steps, each of which opens what the one before sends', (t) => {
  const text = 'the secret that is begun';
  const steps = [null, new Secret(noSecret, text), new Secret(text, noSecret), new Secret(text)];
  const [here, there] = [new FleetSeal(null), new FleetSeal(null)];
  const [sender, reader] = [here.station(names[0]), there.station(names[1])];
  const passes = () => {
    const sent = sender.seal(subject, bytes);
    t.is(sent[0] === 1, here.isSealing);
    return reader.open(names[0], subject, sent);
  };
  for (const step of [...steps, ...steps.toReversed()])
    for (const each of [here, there]) {
      each.configure(step);
      t.deepEqual(passes(), bytes);
    }
  t.deepEqual(
    steps.map((step) => new FleetSeal(step).openness),
    [unsealedText, halfSealedText, halfSealedText, null],
  );
});

test('seal › no nonce of a key is used again when the secret is changed and changed back', (t) => {
  const [one, two] = [new Secret('the secret before'), new Secret('the secret after it')];
  const changing = new FleetSeal(one);
  const station = changing.station(names[0]);
  const counters = [one, two, one, two].map((secret) => {
    changing.configure(secret);
    return Buffer.from(station.seal(subject, bytes)).readUIntBE(1, 6);
  });
  t.deepEqual(counters, [1, 2, 3, 4]);
});
