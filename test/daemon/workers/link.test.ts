import test from 'ava';
import fc from 'fast-check';
import {
  type ArrivedRequest,
  redirectCauses,
  type Verdict,
} from '../../../daemon/core/query/verdict.ts';
import {
  decodeVerdicts,
  encodeVerdicts,
  RequestBatch,
  readRequests,
  type Verdicts,
} from '../../../daemon/workers/batches.ts';
import { encodeFrame, FrameReader } from '../../../daemon/workers/link.ts';
import {
  decodePermits,
  decodeReport,
  encodePermits,
  encodeReport,
  permitMessages,
} from '../../../daemon/workers/messages.ts';
import { counterNames } from '../../../shared/counters.ts';
import { AddressList, packAddress } from '../../../shared/protocol/address.ts';
import { errorCodes, type Request } from '../../../shared/protocol/message.ts';
import { seed } from '../../fixture/random.ts';

const anyNode = {
  nodeId: fc.stringMatching(/^[0-9A-Za-z._-]{1,64}$/),
  port: fc.integer({ min: 1, max: 65_535 }),
};

const anyRequest = fc.oneof(
  fc.record<Request & { verb: 'query' }>({
    verb: fc.constant('query'),
    ...anyNode,
    limit: fc.constantFrom(null, 50),
    since: fc.constantFrom(null, 'abcd1234.7'),
    hop: fc.integer({ min: 0, max: 3 }),
    have: fc.constantFrom(null, AddressList.of('10.0.0.1:4000')),
  }),
  fc.record({ verb: fc.constantFrom('alive' as const, 'leave' as const), ...anyNode }),
  fc.constant<Request>({ verb: 'ping' }),
  fc.constant(null),
);

const anyArrived: fc.Arbitrary<ArrivedRequest> = fc.record({
  request: anyRequest,
  origin: fc.record({
    ip: fc
      .constantFrom('10.0.0.1', '255.255.255.255', '2001:db8::1', '::')
      .map((ip) => packAddress(ip, 1) as Uint32Array),
    dialect: fc.constantFrom('native' as const, 'legacy' as const, 'udp' as const),
  }),
  isTurnedAway: fc.boolean(),
});

/** What the main process learns of a request: of its cursor and the hosts it names only that they are there. */
function carried({ request, ...rest }: ArrivedRequest) {
  if (request?.verb !== 'query') return { request, ...rest };
  const { since, have, limit: _, ...others } = request;
  return { request: { ...others, hasSince: since !== null, hasHave: have !== null }, ...rest };
}

const anyVerdict: fc.Arbitrary<Verdict> = fc.oneof(
  fc.constantFrom<Verdict>({ kind: 'serve' }, { kind: 'sample' }),
  fc
    .constantFrom(...redirectCauses)
    .map((why): Verdict => ({ kind: 'redirect', address: '[2001:db8::1]:4524', why })),
  fc.integer({ min: 1, max: 255 }).map((seconds): Verdict => ({ kind: 'busy', seconds })),
  fc.record({
    kind: fc.constant('error' as const),
    code: fc.constantFrom(...errorCodes),
    text: fc.string({ maxLength: 300, unit: 'grapheme' }),
  }),
);

const anyVerdicts: fc.Arbitrary<Verdicts> = fc.record({
  failure: fc.constantFrom(null, { code: 'not-stored' as const, text: 'the disk is full' }),
  isCatchingUp: fc.boolean(),
  verdicts: fc.array(anyVerdict, { maxLength: 50 }),
});

test('batches › requests arrive in order, with what their verdicts depend on', (t) => {
  const batch = new RequestBatch();
  fc.assert(
    fc.property(fc.array(anyArrived, { maxLength: 400 }), (arrived) => {
      t.true(batch.isEmpty);
      for (const each of arrived) batch.add(each);
      t.deepEqual([...readRequests(batch.take())].map(carried), arrived.map(carried));
    }),
    { seed, numRuns: 50 },
  );
});

test('batches › verdicts arrive in order, with what holds for all of them', (t) => {
  fc.assert(
    fc.property(anyVerdicts, (verdicts) => {
      t.deepEqual(decodeVerdicts(encodeVerdicts(verdicts)), verdicts);
    }),
    { seed, numRuns: 200 },
  );
});

test('link › frames are read whole, whatever pieces they come in', (t) => {
  const frames = fc.array(
    fc.record({ type: fc.integer({ min: 1, max: 9 }), body: fc.uint8Array({ maxLength: 40 }) }),
  );
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 30 })), (sent, sizes) => {
      const bytes = Buffer.concat(sent.map(({ type, body }) => encodeFrame(type, body)));
      const read: { type: number; body: number[] }[] = [];
      const reader = new FrameReader((type, body) => read.push({ type, body: [...body] }));
      for (let at = 0, piece = 0; at < bytes.length; piece++) {
        const size = sizes[piece % sizes.length] ?? 1;
        reader.push(bytes.subarray(at, at + size));
        at += size;
      }
      t.deepEqual(
        read,
        sent.map(({ type, body }) => ({ type, body: [...body] })),
      );
    }),
    { seed, numRuns: 200 },
  );
});

test('link › a frame longer than the longest that is sent is refused at once', (t) => {
  const reader = new FrameReader(() => t.fail());
  t.throws(() => reader.push(Buffer.from([255, 255, 255, 255, 1, 0])), { instanceOf: RangeError });
});

test('messages › reports and messages about permits survive encoding and decoding', (t) => {
  const report = { backlog: 7, open: 9, counted: counterNames.map((_, index) => index * 6e7) };
  t.deepEqual(decodeReport(encodeReport(report)), report);
  for (const message of permitMessages)
    t.deepEqual(decodePermits(encodePermits(message, 12, 7)), {
      message,
      count: 12,
      incomplete: 7,
    });
});
