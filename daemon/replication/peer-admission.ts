// Which connections from other name servers are accepted: with a secret those inside TLS, without one those
// from addresses in NameServers, and of both only as many as name servers need.
import type { Socket } from 'node:net';
import { formatIp, packAddress, parseAddress } from '../../shared/protocol/address.ts';
import { sourceOf, sourceOfIp } from '../../shared/protocol/address-kind.ts';
import type { Refusal } from '../../shared/protocol/message.ts';
import { GreediestFirst } from '../core/admission/greediest-first.ts';

/** Connections of one configured peer: one, its successor, and some to spare. */
const linksOfOne = 4;

/** The settings that decide about a connection, and where refusals are counted and reported. */
export interface PeerAdmissionOptions {
  /** NameServers: `ip:port` each */
  nameServers: readonly string[];
  /** there is a Secret */
  mustEncrypt: boolean;
  /** connections from other name servers at once, at most */
  links: number;
  counters: { peersRefused: number };
  /** an IP address, or a source, and a predicate for operators */
  refused: (address: string, reason: string) => void;
}

/** Says for each connection whether it may sync, and bounds their number by source. */
export class PeerAdmission {
  private readonly options: PeerAdmissionOptions;
  private readonly connections = new GreediestFirst<{ source: string; socket: Socket }>();
  /** IP addresses in NameServers, and their number for each source */
  private readonly listed: ReadonlySet<string>;
  private readonly listedOf = new Map<string, number>();
  /** why the latest TLS handshake of a listed address failed, until one succeeds */
  private readonly failing = new Map<string, string>();

  constructor(options: PeerAdmissionOptions) {
    this.options = options;
    const addresses = options.nameServers.map((address) => {
      const words = parseAddress(address);
      if (words === null) throw new RangeError(`not an address: ${address}`);
      return words;
    });
    this.listed = new Set(addresses.map((words) => formatIp(words, 0)));
    for (const words of addresses) {
      const source = sourceOf(words);
      this.listedOf.set(source, (this.listedOf.get(source) ?? 0) + 1);
    }
  }

  /** Why a connection from that IP address may not sync, which is counted; null: it may. */
  refusalOf(ip: string, isEncrypted: boolean): Refusal | null {
    const { mustEncrypt } = this.options;
    if (mustEncrypt ? isEncrypted : this.isListed(ip)) return null;
    this.options.counters.peersRefused++;
    const text = mustEncrypt
      ? 'sync must be encrypted here: set the same Secret in ddns.conf of both name servers'
      : `${ip} is not in NameServers here; add it to ddns.conf of both name servers`;
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
    const most = linksOfOne * Math.max(1, this.listedOf.get(source) ?? 0);
    const oldest =
      connections.of(source) >= most
        ? connections.firstOf(source)
        : connections.size >= this.options.links
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
    const words = packAddress(ip, 1);
    return words !== null && this.listed.has(formatIp(words, 0));
  }
}
