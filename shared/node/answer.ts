// What a node says to those who ask it (PROTOCOL.md, "Nodes that answer"). Its lists are marked as a
// node's: it registers nobody, and its word is worth less than a name server's.
import { AddressList, formatAddress, packAddress, parseAddress } from '../protocol/address.ts';
import { isToldTo } from '../protocol/address-kind.ts';
import type { Reply, Request } from '../protocol/message.ts';
import type { KnownHosts } from './known-hosts.ts';
import type { Timers } from './timers.ts';

/** The cursor of every list that a node sends; a name server's has a dot. */
export const nodeCursor = 'node';

/** Hosts in one list of a node: enough to find the network, cheap to make and to send. */
export const maxPassedOn = 1_000;

export interface Self {
  nodeId: string;
  known: KnownHosts;
  timers: Timers;
  /** Told of an asker that was not known. */
  onNewcomer(address: string): void;
}

export function answer(request: Request, ip: string, self: Self): Reply {
  switch (request.verb) {
    case 'ping':
      return { kind: 'pong', id: self.nodeId };
    case 'query':
      return answerQuery(request, ip, self);
    default:
      return {
        kind: 'error',
        code: 'malformed',
        text: `this is a node, which answers ping and query; send ${request.verb} to a name server`,
      };
  }
}

function answerQuery(
  { nodeId, port, limit, have }: Extract<Request, { verb: 'query' }>,
  ip: string,
  { known, timers, onNewcomer, ...self }: Self,
): Reply {
  const words = packAddress(ip, port);
  const asker = words === null ? '' : formatAddress(words, 0);
  // It listens on all addresses, and got one of them from somebody.
  if (nodeId === self.nodeId) {
    known.disown(asker);
    return { kind: 'error', code: 'malformed', text: 'this node asks itself' };
  }
  const left = new Set(have?.toTexts()).add(asker);
  const count = Math.min(limit ?? maxPassedOn, maxPassedOn);
  const hosts = known.toPassOn(
    count,
    (address) => !left.has(address) && isFor(words, address),
    timers.now(),
    () => timers.random(),
  );
  if (known.asked(ip, port, timers.now())) onNewcomer(asker);
  return {
    kind: 'hosts',
    hosts: [AddressList.of(...hosts)].values(),
    gone: null,
    cursor: nodeCursor,
    extent: 'partial',
    failure: null,
  };
}

/** Whether the host can be reached from where the asker is. */
function isFor(asker: Uint32Array | null, host: string): boolean {
  const words = parseAddress(host);
  return asker !== null && words !== null && isToldTo(asker, words);
}
