// The dialects of nodes and name servers. Of each: bytes in pieces mean what they mean in one piece; after a refusal
// nothing is decoded; what was decoded, encoded again, means the same; what is said of the input is printable.
import assert from 'node:assert/strict';
import { decodeProxyHeader, maxHeaderBytes } from '../../../daemon/clients/proxy-header.ts';
import { packAddress } from '../../../shared/protocol/address.ts';
import {
  decodeAnnouncement,
  decodeFrame,
  encodeAnnouncement,
  encodeFrame,
} from '../../../shared/protocol/bus-frame.ts';
import { encodeDatagram, openDatagram } from '../../../shared/protocol/datagram-request.ts';
import { native } from '../../../shared/protocol/dialect.ts';
import { legacy } from '../../../shared/protocol/legacy.ts';
import { maxDatagramBytes } from '../../../shared/protocol/limits.ts';
import type { Dialect, Refusal, Request, RequestSink } from '../../../shared/protocol/message.ts';
import { NativeReplyDecoder, type ReplyPart } from '../../../shared/protocol/native-reply.ts';
import { encodeRequest, maxHaveSent } from '../../../shared/protocol/native-request.ts';
import { decodeNews, SyncDecoder } from '../../../shared/protocol/sync-decoder.ts';
import { encodeSync, type SyncMessage } from '../../../shared/protocol/sync-message.ts';
import { plain } from '../../shared/protocol/wire.ts';
import type { Target } from '../target.ts';

type Outcome = Record<string, unknown>;

/** Decodes bytes, given in pieces, to outcomes that compare as whole values. */
type Decode = (pieces: Iterable<Buffer>) => Outcome[];

const id = '5f0c7a52-6e1b-4c1c-9a55-0f6f0f6d3b1e';

/** Pieces whose lengths follow from the bytes themselves, so that an input is always cut in the same way. */
function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + ((bytes[at] as number) % 23);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

/** The outcomes of the input; they are the same in whatever pieces it comes. */
function decodedOf(input: Buffer, decode: Decode): Outcome[] {
  const whole = decode([Buffer.from(input)]);
  assert.deepEqual(decode(pieces(input)), whole, 'in pieces it means something else');
  const refused = whole.findIndex((each) => 'refusal' in each);
  assert(refused === -1 || refused === whole.length - 1, 'decoded after a refusal');
  if (refused !== -1) isPrintable(String(whole[refused]?.refusal));
  return whole;
}

/** No control, format or private character, and a length that fits a line of a log. */
function isPrintable(text: string): void {
  const isFit = text.length > 0 && text.length <= 600 && !/[\p{C}\p{Zl}\p{Zp}]/u.test(text);
  assert(isFit, `not fit for a log\n${JSON.stringify(text)}`);
}

function requestsOf(dialect: Dialect): Decode {
  return (input) => {
    const outcomes: Outcome[] = [];
    const sink: RequestSink = {
      request: (request) => outcomes.push({ ...plain(request) }),
      refuse: ({ code, text }) => outcomes.push({ code, refusal: text }),
      sync: (line) => outcomes.push({ sync: line }),
    };
    const decoder = dialect.createDecoder(sink);
    for (const piece of input) decoder.push(piece);
    return outcomes;
  };
}

/** A request in the native dialect means the same when it is encoded again. */
function comesBack(request: Request): void {
  if (request.verb === 'query' && (request.have?.length ?? 0) > maxHaveSent) return;
  // What the native dialect cannot say, because a query of it need not.
  const { ipv4Only: _, ...before } = plain(request);
  const again = requestsOf(native)([Buffer.from(encodeRequest(request))]);
  if (request.verb === 'query' && request.have?.length === 0) return;
  assert.deepEqual(again, [before], 'encoded again it means something else');
}

const nativeWords = [
  'query ',
  'alive ',
  'leave ',
  'ping',
  'have ',
  'sync ',
  ' limit=',
  ' since=',
  ' hop=',
  ' cookie=',
  ' id=',
  '\n',
  '\r\n',
  ' ',
  '10.0.0.1:4000',
  '[2001:db8::1]:4000',
  '[::ffff:10.0.0.1]:1',
  `${id} 4000`,
  '3',
  '65535',
];

const nativeTexts = [
  `query ${id} 4000\n`,
  `have 10.0.0.1:4000 [2001:db8::1]:65535\nhave 10.0.0.2:1\nquery n7 4000 limit=50 since=c.1-2 hop=3\n`,
  `alive Node_1.a-b 1\nleave n7 65535\nping\n`,
  'sync hello a b c 1 2 10.0.0.1:4524 3\n',
];

const nativeRequests: Target = {
  name: 'native-requests',
  seeds: nativeTexts.map((text) => Buffer.from(text)),
  words: nativeWords,
  mostBytes: 2_048,
  run(input) {
    decodedOf(input, requestsOf(native));
    native.createDecoder({ request: comesBack, refuse: () => {} }).push(input);
  },
};

const legacyRequests: Target = {
  name: 'legacy-requests',
  seeds: ['1/n7/4000/10.0.0.1:4000;10.0.0.2:4000;/', '1/n7/4000/', '3/n7/4000/'].map((text) =>
    Buffer.from(text),
  ),
  words: ['1/', '2/', '3/', '4/', ';', '/', 'n7/', '10.0.0.1:4000;', '65535'],
  mostBytes: 1_024,
  run(input) {
    decodedOf(input, requestsOf(legacy));
    legacy.createDecoder({ request: comesBack, refuse: () => {} }).push(input);
  },
};

const replyDecoder: Decode = (input) => {
  const outcomes: Outcome[] = [];
  const decoder = new NativeReplyDecoder(
    {
      part: (part: ReplyPart) => outcomes.push(plain(part)),
      refuse: ({ code, text }: Refusal) => outcomes.push({ code, refusal: text }),
    },
    1_000,
  );
  for (const piece of input) decoder.push(piece);
  return outcomes;
};

const nativeReplies: Target = {
  name: 'native-replies',
  seeds: [
    'hosts 10.0.0.1:4000 [2001:db8::1]:1\ngone 10.0.0.3:4000\nend 2 c.1 full\n',
    'ok\n',
    'pong 5f0c7a52\n',
    'redirect 10.0.0.1:4524\n',
    'busy 5\n',
    'error bad-port port 0: must be 1 to 65535\n',
    'end 0 c.9 partial more words\n',
  ].map((text) => Buffer.from(text)),
  words: [
    'hosts ',
    'gone ',
    'end ',
    'ok',
    'pong ',
    'redirect ',
    'busy ',
    'error ',
    ' full',
    ' partial',
    '\n',
    '10.0.0.1:4000',
  ],
  mostBytes: 2_048,
  run(input) {
    for (const part of decodedOf(input, replyDecoder))
      if (part.kind === 'error' && part.text !== '') isPrintable(String(part.text));
  },
};

const syncMessages: Decode = (input) => {
  const outcomes: Outcome[] = [];
  const decoder = new SyncDecoder({
    message: (message) => outcomes.push({ ...message }),
    refuse: (text) => outcomes.push({ refusal: text }),
  });
  for (const piece of input) decoder.push(piece);
  return outcomes;
};

const change = `live 10.0.0.1:4000 n7 native 1000 2000 3000 1 ${id}`;

const sync: Target = {
  name: 'sync',
  seeds: [
    `welcome ${id} 0123abcd 1 1000 0 0.1.0\n`,
    `changes 7 2\n${change}\ngone [2001:db8::1]:4000 n8 legacy 1 2 3 0 ${id}\n`,
    `repair 1\n${change} left\n`,
    'ack 7\nbeat 1000 1 0 100 5\necho 1000 1\n',
    'ask 1 10.0.0.1:4000\nopinion 1 alive\n',
    'differ 0 1 255\nrows 7 0123456789abcdef\nwant 7 0123456789abcdef\n',
    'error bad-sync what it was\n',
  ].map((text) => Buffer.from(text)),
  words: [
    'sync hello ',
    'welcome ',
    'changes ',
    'repair ',
    'ack ',
    'beat ',
    'echo ',
    'ask ',
    'opinion ',
    'digest ',
    'differ ',
    'leaves ',
    'rows ',
    'want ',
    'error ',
    'live ',
    'gone ',
    ' native',
    ' legacy',
    ' udp',
    ' left',
    'alive',
    'dead',
    'unknown',
    '\n',
    ' ',
    id,
    '0123456789abcdef',
    '9007199254740993',
  ],
  mostBytes: 4_096,
  run(input) {
    for (const outcome of decodedOf(input, syncMessages)) {
      if ('refusal' in outcome) continue;
      const again = syncMessages([Buffer.from(encodeSync(outcome as unknown as SyncMessage))]);
      assert.deepEqual(again, [outcome], 'encoded again it means something else');
    }
  },
};

const news: Target = {
  name: 'news',
  seeds: [
    Buffer.from('pulse 0000000c 0000000d 7 0123456789abcdef 3 1000 1 2 5 0.1.0 unable\n'),
    Buffer.from('news 0000000c 3 4 1\nlive 10.0.0.1:4000 node native 1 2 3 4 server\n'),
    Buffer.from('news 0000000c 0 0 0\n'),
  ],
  words: [
    'pulse',
    'news',
    '0000000c',
    '0123456789abcdef',
    'live',
    'gone',
    'udp',
    'legacy',
    '\n',
    '0',
    '501',
  ],
  mostBytes: 4_096,
  run(input) {
    const decoded = decodeNews(input);
    if (decoded === null) return;
    assert.deepEqual(decodeNews(Buffer.from(encodeSync(decoded))), decoded);
  },
};

const datagrams: Target = {
  name: 'datagrams',
  seeds: [
    ...nativeTexts.map((text) => Buffer.from(text.padEnd(128, '\n'))),
    Buffer.from('query n7 4000 limit=5 cookie=abc_-1 id=Zm9v\n'),
    Buffer.from('have 10.0.0.1:4000\nalive n7 4000 id=1 cookie=2\n'),
  ],
  words: nativeWords,
  mostBytes: maxDatagramBytes + 1,
  run(input) {
    const opened = openDatagram(input);
    if (opened === null) return;
    const { id: named, cookie } = opened;
    const decoded = opened.decode();
    if ('code' in decoded) return isPrintable(decoded.text);
    const again = encodeDatagram(decoded, { cookie, id: named ?? 'id' });
    // Single spaces for what the sender wrote in its own way may take more room than it had.
    if (again === null) return;
    const second = openDatagram(Buffer.from(again));
    assert.equal(second?.cookie, cookie);
    assert.equal(second?.id, named ?? 'id');
  },
};

const proxyHeaders: Target = {
  name: 'proxy-headers',
  seeds: [
    Buffer.from('PROXY TCP4 192.0.2.1 203.0.113.9 1234 4524\r\nping\n'),
    Buffer.from('PROXY TCP6 2001:db8::1 2001:db8::9 1 2\r\n'),
    Buffer.from('PROXY UNKNOWN\r\n'),
    Buffer.from('0d0a0d0a000d0a515549540a2111000cc0000201cb00710904d211ac', 'hex'),
    Buffer.from(`0d0a0d0a000d0a515549540a21210024${'20010db8'.repeat(8)}04d211ac`, 'hex'),
  ],
  words: [
    'PROXY ',
    'TCP4 ',
    'TCP6 ',
    'UNKNOWN',
    '\r\n',
    '\r\n\r\n\0\r\nQUIT\n',
    ' 65535',
    '\x21\x11\0\x0c',
  ],
  mostBytes: 1_200,
  run(input) {
    const decoded = decodeProxyHeader(input);
    // More bytes never change what was decided.
    if (decoded !== 'incomplete') {
      assert.deepEqual(decodeProxyHeader(Buffer.concat([input, Buffer.from('x')])), decoded);
      if (decoded === 'wrong') return;
      assert(decoded.length <= Math.min(input.length, maxHeaderBytes), 'longer than it may be');
      assert(decoded.client === null || packAddress(decoded.client, 1) !== null, 'no address');
    } else assert(input.length < maxHeaderBytes, 'waits without end');
  },
};

const busFrames: Target = {
  name: 'bus-frames',
  seeds: [
    Buffer.from('open 0123456789abcdef\n'),
    Buffer.from('data 0123456789abcdef 1\nack 7\n'),
    Buffer.from('ack 0123456789abcdef 2 65536\n'),
    Buffer.from('here 10.0.0.1:4524\n'),
    Buffer.from('here [2001:db8::1]:4524 more\n'),
    Buffer.from('leaving\n'),
  ],
  words: ['open ', 'accept ', 'data ', 'ack ', 'end ', 'close ', 'here ', 'leaving', '\n', ' 1'],
  mostBytes: 1_100,
  run(input) {
    const frame = decodeFrame(input);
    if (frame !== null)
      assert.deepEqual(Buffer.from(encodeFrame(frame)), input, 'another spelling');
    const announcement = decodeAnnouncement(input);
    if (announcement === null) return;
    assert.deepEqual(decodeAnnouncement(encodeAnnouncement(announcement)), announcement);
  },
};

export const wireTargets: readonly Target[] = [
  nativeRequests,
  legacyRequests,
  nativeReplies,
  sync,
  datagrams,
  proxyHeaders,
  busFrames,
  news,
];
