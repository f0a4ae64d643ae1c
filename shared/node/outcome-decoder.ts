// The bytes of one reply, gathered to what came of the request. Bounded in hosts, and more so in those kept.
import { AddressList, addressWords } from '../protocol/address.ts';
import { NativeReplyDecoder } from '../protocol/native-reply-decoder.ts';
import { maxKeptHosts, type Outcome } from './exchange.ts';

/**
 * `finish` is called with a whole reply, `fail` when it cannot be read; after either comes nothing. Of a list of
 * more than `maxKeptHosts` the first ones are kept; it is no full one then. `goesOn` is called with each
 * further million of them.
 */
export function createOutcomeDecoder(
  finish: (outcome: Outcome) => void,
  fail: (reason: string) => void,
  maxHosts: number,
  goesOn: () => void = () => {},
): NativeReplyDecoder {
  const hosts = new AddressList();
  const gone = new AddressList();
  let told = 0;
  const take = (list: AddressList, more: AddressList) => {
    const kept = Math.min(more.length, maxKeptHosts - list.length);
    for (let index = 0; index < kept; index++) list.push(more.words, index * addressWords);
    const before = told;
    told += more.length;
    if (Math.floor(told / maxKeptHosts) > Math.floor(before / maxKeptHosts)) goesOn();
  };
  return new NativeReplyDecoder(
    {
      part(part) {
        switch (part.kind) {
          case 'hosts':
            return take(hosts, part.hosts);
          case 'gone':
            return take(gone, part.hosts);
          case 'end': {
            const extent = part.count > hosts.length ? 'partial' : part.extent;
            return finish({ ...part, extent, kind: 'list', hosts, gone });
          }
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
