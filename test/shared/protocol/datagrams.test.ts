import test from 'ava';
import fc from 'fast-check';
import { AddressList } from '../../../shared/protocol/address.ts';
import {
  encodeDatagramAnswer,
  encodeDatagramReply,
  queryInDatagram,
} from '../../../shared/protocol/datagram-reply.ts';
import {
  encodeDatagram,
  isNativeDatagram,
  openDatagram,
  paddedBytes,
} from '../../../shared/protocol/datagram-request.ts';
import { maxCursorLength, maxDatagramBytes } from '../../../shared/protocol/limits.ts';
import type { Extent, Refusal, Reply, Request } from '../../../shared/protocol/message.ts';
import { createRandom, seed } from '../../fixture/random.ts';
import { mutate, plain } from './wire.ts';

const cookie = 'AbCdEfGhIjKl_-01';
const id = '0123456789_-abcd';
const query: Request & { verb: 'query' } = {
  ...{ verb: 'query', nodeId: 'a', port: 4000, limit: null, since: null, hop: 0, have: null },
};
const texts = (count: number) =>
  Array.from(
    { length: count },
    (_, index) => `[2001:db8:1111:2222:3333:4444:5555:${(0x1000 + index).toString(16)}]:65535`,
  );

function list(
  hosts: string[],
  gone: string[] | null,
  extent: Extent,
  failure: Refusal | null = null,
): Reply {
  return {
    kind: 'hosts',
    hosts: [AddressList.of(...hosts)].values(),
    gone: gone && [AddressList.of(...gone)].values(),
    cursor: 'c'.repeat(maxCursorLength),
    ...{ extent, failure },
  };
}

test('datagrams › each request comes back as it was sent, with its cookie and its id', (t) => {
  const requests: Request[] = [
    { verb: 'ping' },
    { verb: 'alive', nodeId: 'n'.repeat(64), port: 65_535 },
    { verb: 'leave', nodeId: 'a', port: 1 },
    { ...query, limit: 50, since: 'abc.1-2', hop: 3 },
    { ...query, have: AddressList.of('10.0.0.1:4000', '[2001:db8::1]:4000') },
  ];
  for (const request of requests)
    for (const proof of [null, cookie]) {
      const bytes = Buffer.from(encodeDatagram(request, { cookie: proof, id }) ?? []);
      t.true(isNativeDatagram(bytes));
      t.true(proof !== null || bytes.length >= paddedBytes);
      const datagram = openDatagram(bytes);
      t.like(datagram, { cookie: proof, id, isPing: request.verb === 'ping' });
      t.deepEqual(plain(datagram?.decode() as Request), plain(request));
    }
});

test('datagrams › a request with more known hosts than fit has no datagram', (t) => {
  const encoded = (count: number) =>
    encodeDatagram({ ...query, have: AddressList.of(...texts(count)) }, { cookie, id });
  t.true((encoded(24)?.length ?? 0) > 1_100);
  t.is(encoded(26), null);
});

test('datagrams › a reply never exceeds a datagram, whatever has to be left out', (t) => {
  for (let count = 0; count <= 60; count++)
    for (const failure of [null, { code: 'not-stored', text: 'ü'.repeat(900) } as const]) {
      const sample = encodeDatagramReply(list(texts(count), null, 'full', failure), id, true);
      t.true(sample.length <= maxDatagramBytes);
      const listed = /hosts (.*)/.exec(sample.toString())?.[1]?.split(' ').length ?? 0;
      t.is(listed, Math.min(count, failure === null ? 23 : 12));
      if (failure === null)
        t.true(
          sample
            .toString()
            .endsWith(
              `\nend ${listed} ${'c'.repeat(64)} ${listed === count ? 'full' : 'partial'}\n`,
            ),
        );
      const half = texts(count).slice(0, count / 2);
      const reply = encodeDatagramReply(
        list(texts(count - half.length), half, 'delta', failure),
        id,
      );
      t.true(reply.length <= maxDatagramBytes);
      t.is(
        reply.toString() === `id ${id}\ntcp\n`,
        count > (failure === null ? 23 : 12),
        String(count),
      );
    }
  const error = { kind: 'error', code: 'malformed', text: '\x1b\n'.repeat(900) } as const;
  t.true(encodeDatagramReply(error, id).length <= maxDatagramBytes);
});

test('datagrams › a delta that looks through many rows without an end is left to TCP', (t) => {
  let looks = 0;
  const endless = (function* () {
    for (;;) {
      looks++;
      yield new AddressList();
    }
  })();
  const reply = { ...(list([], null, 'delta') as Reply & { kind: 'hosts' }), hosts: endless };
  t.is(encodeDatagramReply(reply, null).toString(), 'tcp\n');
  t.is(looks, 5);
});

test('datagrams › a query that names nothing it knows asks for no more hosts than fit', (t) => {
  t.like(queryInDatagram(query), { limit: 110 });
  t.like(queryInDatagram({ ...query, limit: 1_000_000 }), { limit: 110 });
  t.like(queryInDatagram({ ...query, limit: 3 }), { limit: 3 });
  t.like(queryInDatagram({ ...query, since: 'x' }), { limit: null });
  t.deepEqual(queryInDatagram({ verb: 'ping' }), { verb: 'ping' });
});

test('datagrams › no answer is taken for a request, so that none is ever answered', (t) => {
  const replies: Reply[] = [
    list(texts(3), texts(2), 'full'),
    { kind: 'ok' },
    { kind: 'pong', id: 'ping' },
    { kind: 'redirect', address: '127.0.0.1:1' },
    { kind: 'busy', seconds: 3 },
    { kind: 'error', code: 'malformed', text: 'query' },
  ];
  for (const with_ of [null, id, 'ping'])
    for (const answer of [
      ...replies.map((reply) => encodeDatagramReply(reply, with_)),
      encodeDatagramAnswer({ kind: 'tcp' }, with_),
      encodeDatagramAnswer({ kind: 'cookie', cookie }, with_),
    ])
      t.is(openDatagram(answer), null, answer.toString());
});

test('datagrams › every query of DNS is left to DNS', (t) => {
  fc.assert(
    fc.property(fc.nat(65_535), fc.nat(5), fc.nat(7), (number, opcode, flags) => {
      const header = Buffer.of(number >> 8, number & 255, (opcode << 3) | flags, 0);
      t.false(isNativeDatagram(header));
    }),
    { seed },
  );
});

test('datagrams › mutations are requests, refusals or nothing, and never throw', (t) => {
  const random = createRandom(seed);
  const samples = [
    `have 10.0.0.1:4000 [::1]:1\nquery a 4000 since=a.1 limit=5 hop=1 cookie=${cookie} id=${id}\n`,
    `alive a 4000 id=${id}\n\n\n\n`,
    `ping id=${id}\n`,
  ].map((text) => Buffer.from(text));
  for (let i = 0; i < 50_000; i++) {
    const decoded = openDatagram(Buffer.from(mutate(samples, random)))?.decode();
    t.true(decoded === undefined || 'verb' in decoded || 'code' in decoded);
  }
});
