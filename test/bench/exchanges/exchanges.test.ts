// What the load counts is what the bench divides by: an answer counts once, when it is whole, however
// the network cut it.
import test from 'ava';
import { addressOf } from './exchange.ts';
import { type ExchangeChoice, exchangeOf } from './exchanges.ts';

interface Case {
  exchange: ExchangeChoice;
  /** what a server says before its first answer */
  greeting?: Buffer;
  answer: Buffer;
}

const text = (value: string) => Buffer.from(value, 'latin1');

function http2Frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const header = Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, stream]);
  return Buffer.concat([header, payload]);
}

const fifty = Array.from({ length: 50 }, (_, host) => `$20\r\n${addressOf(host)}\r\n`).join('');

const cases: readonly Case[] = [
  { exchange: { name: 'bare', argument: '7' }, answer: text('xxxxxx\n') },
  { exchange: { name: 'alive' }, answer: text('ok\n') },
  { exchange: { name: 'ping' }, answer: text('pong 0123456789abcdef\n') },
  { exchange: { name: 'query' }, answer: text('end 0 1k.2 full\n') },
  {
    exchange: { name: 'query', argument: 'limit=50' },
    answer: text('hosts 10.0.0.1:1 10.0.0.2:2\nhosts [2001:db8::7]:4\nend 3 1k.2 partial\n'),
  },
  { exchange: { name: 'redisStore' }, answer: text(':0\r\n') },
  { exchange: { name: 'redisFill' }, answer: text(':2\r\n:1\r\n') },
  { exchange: { name: 'redisList' }, answer: text(`:0\r\n:0\r\n*50\r\n${fifty}`) },
  {
    exchange: { name: 'natsPublish' },
    greeting: text('INFO {"server_id":"N","version":"2"}\r\n+OK\r\n'),
    answer: text('+OK\r\n'),
  },
  {
    exchange: { name: 'announce' },
    answer: text('HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\nd5:peers3:abce'),
  },
  {
    exchange: { name: 'etcdPut' },
    greeting: http2Frame(4, 0, 0, Buffer.alloc(6)),
    answer: Buffer.concat([
      http2Frame(1, 4, 1, text('headers')),
      http2Frame(0, 0, 1, text('data')),
      http2Frame(1, 5, 1, text('trailers')),
    ]),
  },
  { exchange: { name: 'dnsUpdate' }, answer: text('\0\x0c\0\x01\xa8\0\0\0\0\0\0\0\0\0') },
];

for (const { exchange, greeting = Buffer.alloc(0), answer } of cases)
  test(`exchange ${exchange.name} ${exchange.argument ?? ''} › each answer counts once, when it is whole`, (t) => {
    const several = Buffer.concat([greeting, answer, answer, answer]);
    t.is(exchangeOf(exchange)().answers(several), 3);
    for (const cut of [1, 2, 3, 5, 1_000]) {
      const conversation = exchangeOf(exchange)();
      let counted = 0;
      for (let at = 0; at < several.length; at += cut) {
        const end = Math.min(several.length, at + cut);
        counted += conversation.answers(several.subarray(at, end));
        t.is(counted, Math.max(0, Math.floor((end - greeting.length) / answer.length)), `${end}`);
      }
    }
  });

test('exchange › a refusal is not counted as an answer', (t) => {
  const refusals: [ExchangeChoice, Buffer][] = [
    [
      { name: 'announce' },
      text('HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\nd14:failure reason2:noe'),
    ],
    [{ name: 'announce' }, text('HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n')],
    [{ name: 'etcdPut' }, http2Frame(1, 5, 1, text('grpc-status'))],
    [{ name: 'dnsUpdate' }, text('\0\x0c\0\x01\xa8\x05\0\0\0\0\0\0\0\0')],
    [{ name: 'natsPublish' }, text("-ERR 'Authorization Violation'\r\n")],
  ];
  for (const [exchange, answer] of refusals) t.is(exchangeOf(exchange)().answers(answer), 0);
});

test('exchange › all addresses that servers are told have one length', (t) => {
  const lengths = Array.from({ length: 20_000 }, (_, host) => addressOf(host).length);
  t.deepEqual([...new Set(lengths)], [20]);
});
