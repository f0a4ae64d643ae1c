// What the codec tests share: feeding a decoder, outcomes that compare as whole values, chunk
// splits, and mutations of valid bytes from a printed seed (SEED=n npx ava … replays one).
import type { AddressList } from '../../../shared/protocol/address.ts';
import { ChunkWriter } from '../../../shared/protocol/chunk-writer.ts';
import { replyChunks } from '../../../shared/protocol/dialect.ts';
import type {
  Dialect,
  Refusal,
  Reply,
  Request,
  RequestSink,
} from '../../../shared/protocol/message.ts';
import { NativeReplyDecoder, type ReplyPart } from '../../../shared/protocol/native-reply.ts';

/** A request or a reply's line with its addresses as text, or a refusal. */
export type Outcome = Record<string, unknown>;

export function plain(value: Request | ReplyPart | Refusal): Outcome {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      member !== null && typeof member === 'object' ? (member as AddressList).toTexts() : member,
    ]),
  );
}

export interface Feed {
  readonly outcomes: Outcome[];
  readonly refusals: number;
  readonly pending: boolean;
  push(chunk: Uint8Array | string): void;
}

function createFeed(
  create: (sink: { take(value: Request | ReplyPart): void; refuse(refusal: Refusal): void }) => {
    push(chunk: Uint8Array): void;
    readonly pending: boolean;
  },
): Feed {
  const outcomes: Outcome[] = [];
  let refusals = 0;
  const decoder = create({
    take: (value) => outcomes.push(plain(value)),
    refuse: (refusal) => {
      refusals++;
      outcomes.push(plain(refusal));
    },
  });
  return {
    outcomes,
    get refusals() {
      return refusals;
    },
    get pending() {
      return decoder.pending;
    },
    push: (chunk) => decoder.push(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk),
  };
}

export function feedRequests(dialect: Dialect): Feed {
  return createFeed(({ take, refuse }) => {
    const sink: RequestSink = { request: take, refuse };
    return dialect.createDecoder(sink);
  });
}

export function feedReplies(maxAddresses = 1_000_000): Feed {
  return createFeed(
    ({ take, refuse }) => new NativeReplyDecoder({ part: take, refuse }, maxAddresses),
  );
}

/** The outcomes of one text, given in one piece. */
export function decode(dialect: Dialect, text: Uint8Array | string): Outcome[] {
  const feed = feedRequests(dialect);
  feed.push(text);
  return feed.outcomes;
}

export function chunksOf(dialect: Dialect, reply: Reply): Uint8Array[] {
  return [...replyChunks(dialect, reply, new ChunkWriter())];
}

export function textOf(dialect: Dialect, reply: Reply): string {
  return Buffer.concat(chunksOf(dialect, reply)).toString();
}

/** A list reply of `batches`, a delta with nothing gone unless `more` says otherwise. */
export function listReply(
  batches: AddressList[],
  {
    gone = null,
    ...more
  }: Partial<Omit<Extract<Reply, { kind: 'hosts' }>, 'gone'>> & { gone?: AddressList | null } = {},
): Reply {
  const reply = { cursor: 'c.1', extent: 'delta', failure: null } as const;
  return {
    kind: 'hosts',
    hosts: batches.values(),
    gone: gone === null ? null : [gone].values(),
    ...reply,
    ...more,
  };
}

/** `valid` with one to four random changes. */
export function mutate(valid: Buffer[], random: () => number): Buffer {
  const below = (limit: number) => Math.floor(random() * limit);
  let bytes = Buffer.from(valid[below(valid.length)] as Buffer);
  for (let changes = 1 + below(4); changes > 0; changes--) {
    const at = below(bytes.length + 1);
    const other = valid[below(valid.length)] as Buffer;
    const tail = bytes.subarray(at);
    const middles = [
      () => [Buffer.of(below(256)), tail.subarray(1)],
      () => [Buffer.of(below(256)), tail],
      () => [tail.subarray(below(8))],
      () => [tail.subarray(0, below(16)), tail],
      () => [other.subarray(below(other.length)), tail],
      () => [Buffer.from([' ', '\n', '\r\n', '/', ';', ':', '\0', '0'][below(8)] as string), tail],
      () => [],
    ];
    const middle = (middles[below(middles.length)] as () => Buffer[])();
    bytes = Buffer.concat([bytes.subarray(0, at), ...middle]);
  }
  return bytes;
}

/** `bytes` in pieces of 1 to `longest`. */
export function* pieces(bytes: Buffer, longest: number, random: () => number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + Math.floor(random() * longest);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}
