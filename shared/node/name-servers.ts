// Asks the predefined name servers in turn: one attempt and three more each, with jittered backoff, then the next.
// Follows redirects, at most three, and never back to a server that redirected the request. Begins with the server
// that answered last, because cursors belong to a server. A host name is resolved again for each attempt, and all of its
// addresses are tried; what answers is known by its address from then on.

import type { HostNames } from '../host-names.ts';
import { maxHops } from '../protocol/limits.ts';
import type { Request } from '../protocol/message.ts';
import { hostNameOf } from '../protocol/server-name.ts';
import { type Network, type Outcome, pause, type Timers, unlessAborted } from './network.ts';
import { nodeCursor } from './other-nodes.ts';

/** Attempts per server: the first, and "3 more times before connecting to a new one". */
export const attemptsPerServer = 4;

/** The first pause between attempts; each later one is twice as long, ± half. */
const firstPauseMs = 500;

/** Longest pause before a `busy` server is asked again. */
const maxBusyMs = 30_000;

/** The reply of a name server. */
export interface Answered {
  /** `ip:port` of the server that replied, after redirects */
  server: string;
  outcome: Exclude<Outcome, { kind: 'failed' | 'busy' | 'redirect' }>;
}

/** What asking needs. */
export interface NameServersOptions {
  /** `ip:port` or `name:port` each, in the order of preference; at least one */
  servers: readonly string[];
  /** looks up the host names among them */
  names: HostNames;
  localAddress?: string | undefined;
  network: Network;
  timers: Timers;
  /** called with a sentence for everything that goes wrong */
  onTrouble(text: string): void;
}

/** The predefined name servers of one node. */
export class NameServers {
  private readonly options: NameServersOptions;
  private preferred = 0;
  /** by the name of a server: the address that answered last */
  private readonly good = new Map<string, string>();

  constructor(options: NameServersOptions) {
    this.options = options;
  }

  /**
   * Asks until a server replies with a list, `ok` or `pong`. An error is returned only if no other server gives a
   * better reply. Null: no server replied, or `signal` aborted.
   */
  async ask(
    request: (server: string, hop: number) => Request,
    signal: AbortSignal,
  ): Promise<Answered | null> {
    const { servers } = this.options;
    const first = this.preferred;
    let refused: Answered | null = null;
    for (let turn = 0; turn < servers.length && !signal.aborted; turn++) {
      const index = (first + turn) % servers.length;
      const isLast = turn === servers.length - 1;
      const answered = await this.askOne(servers[index] as string, request, isLast, signal);
      if (answered?.outcome.kind === 'error') {
        refused ??= answered;
        this.trouble(answered.server, `${answered.outcome.code}: ${answered.outcome.text}`);
      } else if (answered !== null) {
        this.preferred = index;
        return answered;
      }
    }
    return refused;
  }

  private async askOne(
    server: string,
    request: (server: string, hop: number) => Request,
    isLast: boolean,
    signal: AbortSignal,
  ): Promise<Answered | null> {
    const { timers } = this.options;
    for (let attempt = 1; ; attempt++) {
      const { at, outcome } = await this.reach(server, request, signal);
      if (signal.aborted) return null;
      let pauseMs = firstPauseMs * 2 ** (attempt - 1);
      if (outcome.kind === 'busy') {
        this.trouble(at, `busy, asks to retry in ${outcome.seconds} s`);
        if (!isLast) return null;
        pauseMs = Math.min(maxBusyMs, 1_000 * outcome.seconds);
      } else if (outcome.kind === 'failed') {
        this.trouble(at, `${outcome.reason} (attempt ${attempt} of ${attemptsPerServer})`);
      } else if (outcome.kind !== 'redirect') {
        return { server: at, outcome };
      }
      if (attempt === attemptsPerServer) return null;
      await pause(pauseMs * (0.5 + timers.random()), timers, signal);
    }
  }

  /**
   * `ip:port` of each address that a server has now, the one that answered last first. Empty: `signal` aborted.
   * @throws HostNameError
   */
  async addressesOf(server: string, signal: AbortSignal): Promise<readonly string[]> {
    if (hostNameOf(server) === null) return [server];
    const addresses = await unlessAborted(this.options.names.resolve(server), signal);
    const good = this.good.get(server);
    return (addresses ?? []).toSorted((a, b) => Number(b === good) - Number(a === good));
  }

  /** Asks at one address of a server after the other until one answers. */
  private async reach(
    server: string,
    request: (server: string, hop: number) => Request,
    signal: AbortSignal,
  ): Promise<{ at: string; outcome: Outcome }> {
    let addresses: readonly string[];
    try {
      addresses = await this.addressesOf(server, signal);
    } catch (error) {
      return { at: server, outcome: failed((error as Error).message) };
    }
    let last = { at: server, outcome: failed('given up') };
    for (const [index, address] of addresses.entries()) {
      last = await this.follow(address, request, signal);
      if (signal.aborted) break;
      if (last.outcome.kind !== 'failed') {
        this.good.set(server, address);
        break;
      }
      if (index < addresses.length - 1)
        this.trouble(last.at, `${last.outcome.reason}; trying the next address of ${server}`);
    }
    return last;
  }

  private async follow(
    first: string,
    request: (server: string, hop: number) => Request,
    signal: AbortSignal,
  ): Promise<{ at: string; outcome: Outcome }> {
    const { localAddress, network } = this.options;
    const visited = new Set<string>();
    let at = first;
    for (let hop = 0; ; hop++) {
      visited.add(at);
      const sent = request(at, hop);
      const outcome = await network.exchange(at, sent, { localAddress, signal });
      if (outcome.kind !== 'redirect') return { at, outcome: fitting(outcome, sent) };
      if (hop === maxHops) return { at, outcome: failed(`the ${hop + 1}th redirect in a row`) };
      if (visited.has(outcome.address))
        return { at, outcome: failed(`it redirects back to ${outcome.address}`) };
      at = outcome.address;
    }
  }

  private trouble(server: string, text: string): void {
    this.options.onTrouble(`${server}: ${text}`);
  }
}

/** Turns a reply that does not fit the request, or that is a node's, into a failure. */
function fitting(outcome: Outcome, { verb }: Request): Outcome {
  if (outcome.kind === 'list' && outcome.cursor === nodeCursor)
    return failed('it is a node, not a name server');
  const isFitting =
    verb === 'query' ? outcome.kind === 'list' : outcome.kind === 'ok' || outcome.kind === 'pong';
  if (isFitting || ['failed', 'busy', 'error'].includes(outcome.kind)) return outcome;
  return failed(`it answered ${verb} with ${outcome.kind}`);
}

function failed(reason: string): Outcome {
  return { kind: 'failed', reason, reached: 'connection' };
}
