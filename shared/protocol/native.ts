// The native dialect: text lines, for nodes, name servers and people with `nc`.
import type { Dialect } from './message.ts';
import { NativeDecoder } from './native-decoder.ts';
import { encodeReply } from './native-encoder.ts';

export const native: Dialect = {
  name: 'native',
  keepsOpen: true,
  createDecoder: (sink) => new NativeDecoder(sink),
  encodeReply,
};
