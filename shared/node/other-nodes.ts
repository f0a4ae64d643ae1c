// How nodes deal with each other (PROTOCOL.md, "Nodes that answer"): what a node answers, and how it asks known
// nodes for hosts while no name server answers. A node's list is marked as such: it registers nobody, and its word
// is worth less than a name server's. A node asks a few others at random and leaves one that did not answer alone for
// a doubling pause: a network without name servers must not be flooded by its own nodes.
import { AddressList, formatAddress, packAddress, parseAddress } from '../protocol/address.ts';
import { isListedTo } from '../protocol/address-kind.ts';
import type { Reply, Request } from '../protocol/message.ts';
import type { KnownHosts } from './known-hosts.ts';
import type { List, Network, Outcome, Timers } from './network.ts';

/** The cursor in every list of a node; a name server's cursor has a dot. */
export const nodeCursor = 'node';

/** Most hosts in a node's list: enough to find the network, cheap to make and to send. */
export const maxPassedOn = 1_000;

/** The node that answers. */
export interface Self {
  nodeId: string;
  known: KnownHosts;
  timers: Timers;
  /** called with the address of an asker that was added to the list */
  onNewcomer(address: string): void;
}

/** The node's reply to a request from `ip`. */
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
  // The node listens on all addresses and received one of its own from somebody.
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

/** Whether `host` is listed for the asker. */
function isFor(asker: Uint32Array | null, host: string): boolean {
  const words = parseAddress(host);
  return asker !== null && words !== null && isListedTo(asker, words);
}

/** Nodes asked per round: one may be dead, and one may know little. */
export const nodesPerRound = 3;

/** Longest wait for a node's list, which is a few packets. */
const deadlineMs = 5_000;

/** Most hosts named in `have` lines; a node that knows more learns enough from a random sample. */
const maxHaveTold = 1_000;

/** Longest pause before a node that does not answer is asked again, in units of `firstPauseMs`. */
const longestPause = 64;

/** What asking needs. */
export interface KnownNodesOptions {
  known: KnownHosts;
  network: Network;
  timers: Timers;
  localAddress?: string | undefined;
  nodeId: string;
  /** pause after the first failure */
  firstPauseMs: number;
  onList(address: string, list: List): void;
  onTrouble(text: string): void;
}

interface Failure {
  times: number;
  until: number;
}

/** Asks known nodes. */
export class KnownNodes {
  private readonly options: KnownNodesOptions;
  private readonly failures = new Map<string, Failure>();

  constructor(options: KnownNodesOptions) {
    this.options = options;
  }

  /** Asks a few nodes; returns whether any replied with a list. Replies after `signal` aborts are dropped. */
  async ask(port: number, signal: AbortSignal): Promise<boolean> {
    const { known, timers } = this.options;
    for (const address of this.failures.keys())
      if (!known.has(address)) this.failures.delete(address);
    const isRested = (address: string) => (this.failures.get(address)?.until ?? 0) <= timers.now();
    const chosen = known.pickSome(nodesPerRound, isRested, () => timers.random());
    const request = this.query(port);
    const answers = await Promise.all(
      chosen.map((address) => this.askOne(address, request, signal)),
    );
    return answers.includes(true);
  }

  private async askOne(address: string, request: Request, signal: AbortSignal): Promise<boolean> {
    const { network, localAddress, known, timers, onList } = this.options;
    const limits = { deadlineMs, maxHosts: maxPassedOn };
    const outcome = await network.exchange(address, request, { ...limits, localAddress, signal });
    if (signal.aborted) return false;
    if (outcome.kind !== 'list') {
      this.failed(address, outcome);
      return false;
    }
    this.failures.delete(address);
    known.seen(address, timers.now());
    onList(address, outcome);
    return true;
  }

  private failed(address: string, outcome: Outcome): void {
    const { timers, firstPauseMs, onTrouble } = this.options;
    const times = (this.failures.get(address)?.times ?? 0) + 1;
    const pauseMs = firstPauseMs * Math.min(longestPause, 2 ** (times - 1));
    this.failures.set(address, {
      times,
      until: timers.now() + pauseMs * (0.75 + 0.5 * timers.random()),
    });
    const reason = outcome.kind === 'failed' ? outcome.reason : `it answered ${outcome.kind}`;
    onTrouble(`node ${address}: ${reason}`);
  }

  private query(port: number): Request {
    const { known, nodeId } = this.options;
    const have = known.size > 0 && known.size <= maxHaveTold;
    return {
      ...{ verb: 'query', nodeId, port, limit: maxPassedOn, since: null, hop: 0 },
      have: have ? AddressList.of(...known.addresses()) : null,
    };
  }
}
