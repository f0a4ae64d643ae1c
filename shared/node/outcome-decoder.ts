// The bytes of one reply, gathered to what came of the request. Bounded in hosts.
import { AddressList, addressWords } from '../protocol/address.ts';
import { NativeReplyDecoder } from '../protocol/native-reply-decoder.ts';
import type { Outcome } from './exchange.ts';

/** `finish` is called with a whole reply, `fail` when it cannot be read; after either comes nothing. */
export function createOutcomeDecoder(
  finish: (outcome: Outcome) => void,
  fail: (reason: string) => void,
  maxHosts: number,
): NativeReplyDecoder {
  const hosts = new AddressList();
  const gone = new AddressList();
  return new NativeReplyDecoder(
    {
      part(part) {
        switch (part.kind) {
          case 'hosts':
            return append(hosts, part.hosts);
          case 'gone':
            return append(gone, part.hosts);
          case 'end':
            return finish({ ...part, kind: 'list', hosts, gone });
          case 'error':
            return finish({ ...part, hosts });
          default:
            return finish(part);
        }
      },
      refuse: ({ text }) => fail(text),
    },
    maxHosts,
  );
}

function append(list: AddressList, more: AddressList): void {
  for (let index = 0; index < more.length; index++) list.push(more.words, index * addressWords);
}
