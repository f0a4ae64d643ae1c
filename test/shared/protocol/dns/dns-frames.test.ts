// Messages in a stream, however it is cut.
import test from 'ava';
import { encodeDnsFrame, FrameSplitter } from '../../../../shared/protocol/dns/dns-frames.ts';

function split(chunks: readonly Uint8Array[]) {
  const taken: string[] = [];
  const refused: string[] = [];
  const splitter = new FrameSplitter(
    (message) => taken.push(Buffer.from(message).toString('latin1')),
    ({ code }) => refused.push(code),
  );
  for (const chunk of chunks) splitter.push(chunk);
  return { taken, refused, pending: splitter.pending };
}

const messages = ['header only!', 'one byte more', 'x'.repeat(1_232)];
const stream = Buffer.concat(messages.map((text) => encodeDnsFrame(Buffer.from(text))));

test('dns frames › messages come whole, wherever the stream is cut', (t) => {
  const whole = { taken: messages, refused: [], pending: false };
  t.deepEqual(split([stream]), whole);
  t.deepEqual(split(Array.from(stream, (byte) => Uint8Array.of(byte))), whole);
  for (let at = 1; at < stream.length; at++)
    t.deepEqual(split([stream.subarray(0, at), stream.subarray(at)]), whole);
});

test('dns frames › an incomplete message is pending', (t) => {
  for (let length = 1; length < 3; length++)
    t.deepEqual(split([stream.subarray(0, length)]), {
      taken: [],
      refused: [],
      pending: length < 3,
    });
});

test('dns frames › a message of more than 1,232 bytes is refused before it comes, and ends the stream', (t) => {
  const head = Uint8Array.of(0x04, 0xd1);
  t.deepEqual(split([head, stream]), { taken: [], refused: ['too-long'], pending: false });
});

test('dns frames › a message shorter than its header is refused, so zeros do not keep a connection open', (t) => {
  for (const length of [0, 1, 11])
    t.deepEqual(split([encodeDnsFrame(Buffer.alloc(length)), stream]), {
      taken: [],
      refused: ['malformed'],
      pending: false,
    });
});
