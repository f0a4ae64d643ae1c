// DNS, as one who answers resolvers treats it: an answer is a DNS message that another implementation decodes, repeats
// the question, and is no longer than allowed.
import assert from 'node:assert/strict';
import { FrameSplitter } from '../../../shared/protocol/dns/dns-frames.ts';
import { decode, framed, queryOf } from '../../fixture/dns-client.ts';
import { dnsWorld } from '../../fixture/dns-world.ts';
import type { Target } from '../target.ts';

const clientCookie = Buffer.from('0102030405060708', 'hex');

const queries = [
  queryOf('dynamo', 'A'),
  queryOf('_dynamo._tcp.dynamo', 'SRV', { edns: 4_096, cookie: clientCookie }),
  queryOf('node_7.dynamo', 'TXT', { edns: 1_232 }),
  queryOf('dynamo', 'NS', { edns: 512 }),
  queryOf('_status.dynamo', 'TXT', { edns: 600 }),
  queryOf('other.example', 'AAAA'),
  queryOf('dynamo', 'ANY'),
];

const words = [
  '\x06dynamo\0',
  '\x07_dynamo',
  '\x04_tcp',
  '\x07_status',
  '\xc0\x0c',
  '\0\x01\0\x01',
  '\0\0\x29\x10\0',
  '\0\x0a\0\x08',
  '\x3f',
];

let world: ReturnType<typeof dnsWorld> | null = null;

const dnsQueries: Target = {
  name: 'dns',
  seeds: queries,
  words,
  mostBytes: 1_400,
  run(input) {
    world ??= dnsWorld();
    world.clock.now += 1;
    for (const transport of ['udp', 'tcp'] as const) {
      const answer = world.ask(input, '192.0.2.9', transport);
      if (answer === null) continue;
      const isPlain = input.length < 12 || input.readUInt16BE(10) === 0;
      const most = transport === 'tcp' ? 16_384 : isPlain ? 512 : 1_232;
      assert(answer.length <= most, `an answer of ${answer.length} bytes; at most ${most}`);
      assert(((answer[2] as number) & 0x80) !== 0, 'not a response');
      assert.deepEqual([...answer.subarray(0, 2)], [...input.subarray(0, 2)], 'another id');
      if (answer.length > 12) decode(answer);
    }
  },
};

function messagesIn(pieces: Iterable<Buffer>): string[] {
  const found: string[] = [];
  const splitter = new FrameSplitter(
    (message) => found.push(Buffer.from(message).toString('hex')),
    ({ text }) => found.push(text),
  );
  for (const piece of pieces) splitter.push(piece);
  return found;
}

const dnsFrames: Target = {
  name: 'dns-frames',
  seeds: [framed(...queries), framed(queryOf('dynamo', 'A'))],
  words: ['\0\x0c', '\x04\xd0', '\x04\xd1', '\0\x0b', '\0\0'],
  mostBytes: 2_600,
  run(input) {
    const bytewise = Array.from(input, (byte) => Buffer.of(byte));
    assert.deepEqual(messagesIn(bytewise), messagesIn([input]));
  },
};

export const dnsTargets: readonly Target[] = [dnsQueries, dnsFrames];
