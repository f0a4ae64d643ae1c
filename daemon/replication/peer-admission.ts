// Which connections from other name servers are accepted: those of servers in NameServers, with a secret inside TLS
// only, without one from their addresses only; and no more of them than name servers need.
import type { Socket } from 'node:net';
import {
  formatAddress,
  formatIp,
  packAddress,
  parseAddress,
} from '../../shared/protocol/address.ts';
import { sourceOfIp } from '../../shared/protocol/address-kind.ts';
import type { Refusal } from '../../shared/protocol/message.ts';
import type { SyncHello } from '../../shared/protocol/sync-message.ts';
import { GreediestFirst } from '../core/admission/greediest-first.ts';
import type { Membership } from '../core/sync/membership.ts';

/** Connections of one configured peer: one, its successor, and some to spare. */
const linksOfOne = 4;

/** The settings that decide about a connection, and where refusals are counted and reported. */
export interface PeerAdmissionOptions {
  membership: Membership;
  /** `acceptsPlain`: connections outside TLS, which are trusted by where they come from */
  channel: { readonly acceptsPlain: boolean };
  counters: { peersRefused: number };
  /** an IP address, or a source, and a predicate for operators */
  refused: (address: string, reason: string) => void;
}

/** Says for each connection whether it may sync, and bounds their number by source. */
export class PeerAdmission {
  private readonly options: PeerAdmissionOptions;
  /** connections from other name servers at once, at most */
  links: number;
  private readonly connections = new GreediestFirst<{ source: string; socket: Socket }>();
  /** why the latest TLS handshake of a listed address failed, until one succeeds */
  private readonly failing = new Map<string, string>();

  constructor(options: PeerAdmissionOptions, links: number) {
    this.options = options;
    this.links = links;
  }

  /**
   * Why a connection from that IP address may not sync, which is counted; null: it may.
   * @param hello null: it has sent none yet, or no valid one
   */
  refusalOf(ip: string, isEncrypted: boolean, hello: SyncHello | null): Refusal | null {
    const { channel, membership, counters } = this.options;
    const { acceptsPlain } = channel;
    const isSafe = isEncrypted || (acceptsPlain && this.isListed(ip));
    if (isSafe && (hello === null || membership.names(hello, canonical(ip)))) return null;
    counters.peersRefused++;
    const where = isEncrypted && hello !== null ? hello.listen : ip;
    const text =
      !acceptsPlain && !isEncrypted
        ? 'sync must be encrypted here: set the same Secret in ddns.conf of both name servers'
        : `${where} is not in NameServers here; add it to ddns.conf of both name servers`;
    return { code: 'not-a-peer', text };
  }

  /**
   * A TLS handshake failed: reported once, until one succeeds or fails for another reason.
   * @returns false when `ip` is none of the name servers
   */
  handshakeFailed(ip: string, reason: string): boolean {
    if (!this.isListed(ip)) return false;
    const isKnown = this.failing.get(ip) === reason;
    this.failing.set(ip, reason);
    this.options.counters.peersRefused++;
    if (!isKnown) this.options.refused(ip, `is refused: ${reason}`);
    return true;
  }

  /** A connection is accepted. When it is one too many, the oldest one of the source is closed. */
  accepted(socket: Socket, ip: string): void {
    const { connections } = this;
    this.failing.delete(ip);
    const source = sourceOfIp(ip);
    const own = { source, socket };
    const most = linksOfOne * Math.max(1, this.listedOf(source));
    const oldest =
      connections.of(source) >= most
        ? connections.firstOf(source)
        : connections.size >= this.links
          ? connections.first()
          : undefined;
    if (oldest !== undefined) {
      connections.delete(oldest);
      oldest.socket.destroy();
      const text = 'opens more connections than a name server needs: its oldest was closed';
      this.options.counters.peersRefused++;
      this.options.refused(oldest.source, text);
    }
    connections.add(own);
    socket.once('close', () => connections.delete(own));
  }

  private isListed(ip: string): boolean {
    const { peers } = this.options.membership;
    return peers.some((peer) => peer.isAt(canonical(ip)));
  }

  /** Name servers of that source. */
  private listedOf(source: string): number {
    const { peers } = this.options.membership;
    return peers.filter(({ ips }) => ips.some((ip) => sourceOfIp(ip) === source)).length;
  }
}

/** An IP address in the one form in which addresses are compared; an IPv4 address in IPv6 is IPv4. */
function canonical(ip: string): string {
  const words = packAddress(ip, 1);
  return words === null ? ip : formatIp(words, 0);
}

/**
 * The greeting of a server that connects from `source`, with the address where it is reached. One that listens on
 * every address does not say where; that is then the one that it came from.
 */
export function whereReached(hello: SyncHello, source: string) {
  const listen = parseAddress(hello.listen);
  const isWildcard = listen !== null && /^(0\.0\.0\.0|::)$/.test(formatIp(listen, 0));
  const from = isWildcard ? packAddress(source, listen[4] as number) : listen;
  const known = { ...hello, listen: from === null ? hello.listen : formatAddress(from, 0) };
  return { hello: known, saysWhere: !isWildcard };
}
