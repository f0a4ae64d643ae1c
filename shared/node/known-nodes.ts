// Asks nodes that are known for the hosts they know, while no name server answers. A few at a time,
// at random, and one that did not answer is left alone for a while that doubles: a network whose name
// servers are away must not be flooded by its own nodes.
import { AddressList } from '../protocol/address.ts';
import type { Request } from '../protocol/message.ts';
import { maxPassedOn } from './answer.ts';
import type { List, Outcome } from './exchange.ts';
import type { KnownHosts } from './known-hosts.ts';
import type { Network } from './network.ts';
import type { Timers } from './timers.ts';

/** Nodes asked in a round: one may be dead and one may know little. */
export const nodesPerRound = 3;

/** A node is near or of no use: its list is one packet or a few. */
const deadlineMs = 5_000;

/** What this node knows already goes into one line; with more, a random sample brings enough. */
const maxHaveTold = 1_000;

/** Longest time that a node which does not answer is left alone, in rounds of `firstPauseMs`. */
const longestPause = 64;

export interface KnownNodesOptions {
  known: KnownHosts;
  network: Network;
  timers: Timers;
  localAddress?: string | undefined;
  nodeId: string;
  /** How long a node that did not answer once is left alone. */
  firstPauseMs: number;
  onList(address: string, list: List): void;
  onTrouble(text: string): void;
}

interface Failure {
  times: number;
  until: number;
}

export class KnownNodes {
  private readonly options: KnownNodesOptions;
  private readonly failures = new Map<string, Failure>();

  constructor(options: KnownNodesOptions) {
    this.options = options;
  }

  /** Whether any node answered with a list; what comes after `signal` aborts is dropped. */
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
