// The legacy dialect, as the first Dynamo nodes speak it (PROTOCOL.md, "Legacy dialect"): one
// message `TYPE/SOURCE/BODY/` a connection, complete at its third slash, answered with text that
// such a node can parse, or with nothing, and then closed.

import { LegacyDecoder } from './legacy-decoder.ts';
import { encodeLegacyReply } from './legacy-encoder.ts';
import type { Dialect } from './message.ts';

export const legacy: Dialect = {
  name: 'legacy',
  keepsOpen: false,
  createDecoder: (sink) => new LegacyDecoder(sink),
  encodeReply: encodeLegacyReply,
};
