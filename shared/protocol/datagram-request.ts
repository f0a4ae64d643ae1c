// Native requests in datagrams (PROTOCOL.md, "Datagrams"): one request a datagram, in the text of the native dialect,
// with two options more: the cookie that proves where it comes from, and an id that its reply repeats. Whatever is no
// request is null, so that it is never answered: two parties that answered each other's replies would never end.
import { randomBytes } from 'node:crypto';
import { maxDatagramBytes } from './limits.ts';
import type { Refusal, Request } from './message.ts';
import { encodeRequest, NativeDecoder } from './native-request.ts';
import { quoteBytes } from './tokens.ts';

/**
 * A request without a valid cookie is padded to this many bytes, because its answer may not be longer: the longest, a
 * `pong` with an id and a node id, has 90. A power of two, easy to remember.
 */
export const paddedBytes = 128;

/** Bytes of an id: 96 bits cannot be guessed within the seconds in which a reply is awaited. */
const idBytes = 12;

/** Characters of an id, in base64url. */
const maxIdLength = 16;

const idPattern = new RegExp(`^[A-Za-z0-9_-]{1,${maxIdLength}}$`);
const cookiePattern = /^[A-Za-z0-9_-]{1,64}$/;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const cookieOption = 'cookie=';
const idOption = 'id=';

const verbs: ReadonlySet<string> = new Set(['have', 'query', 'alive', 'leave', 'ping']);

/** An id that nobody else can guess, for one request. */
export function createId(): string {
  return randomBytes(idBytes).toString('base64url');
}

/** A datagram that begins like a request. */
export interface DatagramRequest {
  /** proves the sender's address, if it is valid; null: none */
  cookie: string | null;
  /** to repeat in the reply; null: none */
  id: string | null;
  /** its last line, with the id and the cookie: the same for a retransmission */
  text: string;
  /** `ping`, which needs no cookie */
  isPing: boolean;
  /** The request, or why it is none. To be called once. */
  decode(): Request | Refusal;
}

/**
 * Whether a datagram can only be native: its third byte is 0x40 to 0x7F. There a DNS query has an opcode of 8 to 15,
 * which none of them has, and a DNS response has 0x80 and more.
 */
export function isNativeDatagram(bytes: Uint8Array): boolean {
  const third = bytes[2] ?? 0;
  return third >= 0x40 && third < 0x80;
}

/** Opens a datagram without decoding the request in it. Null: it begins like no request. */
export function openDatagram(bytes: Buffer): DatagramRequest | null {
  let end = bytes.length;
  if (end > maxDatagramBytes) return null;
  // Empty lines at the end are padding.
  while (end > 0 && (bytes[end - 1] === lineFeed || bytes[end - 1] === carriageReturn)) end--;
  if (end === 0) return null;
  const start = bytes.lastIndexOf(lineFeed, end - 1) + 1;
  const text = bytes.toString('latin1', start, end);
  const words = text.split(' ');
  const [first = ''] = start === 0 ? words : bytes.toString('latin1', 0, 5).split(' ');
  if (!verbs.has(first)) return null;
  const options = takeOptions(words);
  return {
    cookie: options.cookie,
    id: options.id,
    text,
    isPing: text.startsWith('ping'),
    decode: () =>
      options.isWrong
        ? {
            code: 'bad-option',
            text: `${quoteBytes(bytes, start, end)}: cookie= and id= at most once each, an id of 1 to ${maxIdLength} letters, digits, '_' or '-'`,
          }
        : decodeLines(bytes.subarray(0, start), Buffer.from(`${options.rest}\n`, 'latin1')),
  };
}

interface Options {
  cookie: string | null;
  id: string | null;
  /** one of them is there twice, or its value is not valid */
  isWrong: boolean;
  /** the line without them */
  rest: string;
}

function takeOptions(words: readonly string[]): Options {
  const options: Options = { cookie: null, id: null, isWrong: false, rest: '' };
  const take = (name: 'cookie' | 'id', value: string, pattern: RegExp) => {
    if (options[name] !== null || !pattern.test(value)) options.isWrong = true;
    else options[name] = value;
  };
  const rest: string[] = [];
  for (const word of words)
    if (word.startsWith(cookieOption))
      take('cookie', word.slice(cookieOption.length), cookiePattern);
    else if (word.startsWith(idOption)) take('id', word.slice(idOption.length), idPattern);
    else rest.push(word);
  options.rest = rest.join(' ');
  return options;
}

function decodeLines(...lines: Uint8Array[]): Request | Refusal {
  let request: Request | null = null;
  let refusal: Refusal | null = null;
  const decoder = new NativeDecoder({
    request: (one) => {
      if (request === null) request = one;
      else refusal ??= { code: 'malformed', text: 'two requests in a datagram; send one in each' };
    },
    refuse: (why) => {
      refusal ??= why;
    },
  });
  for (const each of lines) decoder.push(each);
  return (
    refusal ??
    request ?? { code: 'malformed', text: 'have without a query after it in the same datagram' }
  );
}

/**
 * Encodes a request; without a cookie it is padded. Null: its `have` lines make it longer than a datagram may be.
 * @throws RangeError if it breaks a rule of the protocol, which no server would accept
 */
export function encodeDatagram(
  request: Request,
  { cookie, id }: { cookie: string | null; id: string },
): Uint8Array | null {
  const lines = Buffer.from(encodeRequest(request)).toString('latin1').trimEnd();
  const proof = cookie === null ? '' : ` ${cookieOption}${cookie}`;
  const text = `${lines}${proof} ${idOption}${id}\n`;
  if (text.length > maxDatagramBytes) return null;
  return Buffer.from(cookie === null ? text.padEnd(paddedBytes, '\n') : text, 'latin1');
}
