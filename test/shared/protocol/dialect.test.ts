import test from 'ava';
import { dialectOf } from '../../../shared/protocol/dialect.ts';

test('dialect › the first byte of a connection tells it', (t) => {
  const native = Array.from({ length: 256 }, (_, byte) => byte).filter(
    (byte) => dialectOf(byte)?.name === 'native',
  );
  t.is(Buffer.from(native).toString(), 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');
  const legacy = Array.from({ length: 256 }, (_, byte) => byte).filter(
    (byte) => dialectOf(byte)?.name === 'legacy',
  );
  t.is(Buffer.from(legacy).toString(), '0123456789');
});

test('dialect › nothing else begins one', (t) => {
  const bytes = [
    0x00, 0x01, 0x02, 0x0a, 0x0d, 0x16, 0x20, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0xff,
  ];
  for (const byte of bytes) t.is(dialectOf(byte), null, `${byte}`);
});
