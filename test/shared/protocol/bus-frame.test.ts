import test from 'ava';
import {
  type BusFrame,
  decodeAnnouncement,
  decodeFrame,
  encodeAnnouncement,
  encodeFrame,
  maxFrameLine,
} from '../../../shared/protocol/bus-frame.ts';
import { decodeNews } from '../../../shared/protocol/sync-decoder.ts';
import { encodeSync, type SyncNews } from '../../../shared/protocol/sync-message.ts';

const link = '0123456789abcdef';
const frames: [frame: BusFrame, text: string][] = [
  [{ kind: 'open', link }, `open ${link}\n`],
  [{ kind: 'accept', link }, `accept ${link}\n`],
  [{ kind: 'data', link, number: 1, bytes: Buffer.from('ping\n') }, `data ${link} 1\nping\n`],
  [{ kind: 'data', link, number: 2, bytes: Buffer.alloc(0) }, `data ${link} 2\n`],
  [{ kind: 'ack', link, number: 3, taken: 65_536 }, `ack ${link} 3 65536\n`],
  [{ kind: 'end', link, number: 999_999_999_999_999 }, `end ${link} 999999999999999\n`],
  [{ kind: 'close', link }, `close ${link}\n`],
];

for (const [frame, text] of frames)
  test(`bus frame › ${JSON.stringify(text)} is written and read`, (t) => {
    t.is(Buffer.from(encodeFrame(frame)).toString('latin1'), text);
    // Also where it begins within a larger buffer.
    const bytes = Buffer.from(`xx${text}`).subarray(2);
    const decoded = decodeFrame(bytes);
    t.deepEqual(
      decoded !== null && 'bytes' in decoded
        ? { ...decoded, bytes: Buffer.from(decoded.bytes) }
        : decoded,
      frame,
    );
    const line = text.indexOf('\n') + 1;
    t.true(line <= maxFrameLine);
    for (let length = 0; length < line; length++)
      t.is(decodeFrame(bytes.subarray(0, length)), null);
  });

for (const text of [
  '\n',
  'open\n',
  `open ${link} 1\n`,
  `open ${link}\nx`,
  `open ${link.slice(1)}\n`,
  `open ${link.toUpperCase()}\n`,
  `opens ${link}\n`,
  `data ${link}\nx`,
  `data ${link} 01\nx`,
  `data ${link} -1\nx`,
  `data ${link} 1 2\nx`,
  `data ${link} 1000000000000000\nx`,
  `ack ${link} 1\n`,
  `ack ${link} 1 2\nx`,
  `end ${link}\n`,
  `${'x'.repeat(maxFrameLine)}\n`,
])
  test(`bus frame › ${JSON.stringify(text)} is refused`, (t) => {
    t.is(decodeFrame(Buffer.from(text)), null);
  });

test('bus frame › announcements are written and read, with words that are not known yet', (t) => {
  for (const announcement of [
    { kind: 'here', address: '10.0.0.1:4524' },
    { kind: 'here', address: '[2001:db8::1]:4524' },
    { kind: 'leaving' },
  ] as const) {
    const bytes = encodeAnnouncement(announcement);
    t.deepEqual(decodeAnnouncement(bytes), announcement);
    for (let length = 0; length < bytes.length; length++)
      t.is(decodeAnnouncement(bytes.subarray(0, length)), null);
  }
  t.deepEqual(decodeAnnouncement(Buffer.from('here 10.0.0.1:4524 more words\n')), {
    kind: 'here',
    address: '10.0.0.1:4524',
  });
  for (const text of [
    'here\n',
    'here 10.0.0.1\n',
    'here 010.0.0.1:1\n',
    'there 10.0.0.1:1\n',
    `here ${'1'.repeat(2_000)}\n`,
  ])
    t.is(decodeAnnouncement(Buffer.from(text)), null, text);
});

const record = 'live 10.0.0.1:4000 node native 1 2 3 4 server\n';
const pulseLine = `pulse 0000000c 0000000d 7 ${'0123456789abcdef'} 3 1000 1 2 5 0.1.0`;

for (const text of [
  'news 0000000c 3 4 0\n',
  `news 0000000c 3 9 2\n${record}${record.replace('live', 'gone')}`,
  `${pulseLine}\n`,
  `${pulseLine} unable\n`,
  `${pulseLine} unable-ipv6\n`,
])
  test(`news › ${JSON.stringify(text)} is read and written`, (t) => {
    const decoded = decodeNews(Buffer.from(text));
    t.not(decoded, null);
    t.is(encodeSync(decoded as SyncNews), text);
    for (let length = 0; length < text.length; length++)
      t.is(decodeNews(Buffer.from(text.slice(0, length))), null);
  });

test('news › words of newer name servers behind a heartbeat are ignored', (t) => {
  t.like(decodeNews(Buffer.from(`${pulseLine} more unable\n`)), { entry: 7, cannotJudge: 'all' });
});

for (const text of [
  `news 0000000c 3 4 1\n`,
  `news 0000000c 3 4 0\n${record}`,
  `news 0000000c 3 4 501\n${record.repeat(501)}`,
  `news 0000000c 4 0\n`,
  `news 000000 3 4 0\n`,
  `news 0000000c 3 04 0\n`,
  `news 0000000c 3 4 1\n${record.replace('native', 'spoken')}`,
  `pulse 0000000c 0000000d 7 0123456789abcdef 3 1000 1 2 5\n`,
  `pulse 0000000c 0000000d 7 0123456789abcde 3 1000 1 2 5 0.1.0\n`,
  `${pulseLine}\n${record}`,
  'ack 4\n',
])
  test(`news › ${JSON.stringify(text).slice(0, 80)} (${text.length} bytes) is refused`, (t) => {
    t.is(decodeNews(Buffer.from(text)), null);
  });
