// The transport between name servers that name each other: every one dials every other over TCP, with a secret
// inside TLS, and accepts their connections on the port of the nodes.
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Refusal } from '../../shared/protocol/message.ts';
import { decodeMessage } from '../../shared/protocol/sync-decoder.ts';
import type { Logger } from '../log.ts';
import type { SecureChannel } from '../net/secure-channel.ts';
import { Dialer } from './dialer.ts';
import { PeerAdmission } from './peer-admission.ts';
import type { Conversation, Transport, TransportOwner } from './transport.ts';

/** What the mesh needs of the configuration. */
export interface MeshOptions {
  /** connections from other name servers at once, at most */
  links: number;
  /** NameServers: `ip:port` each */
  nameServers: readonly string[];
  /** TLS with the network's secret; null when there is none */
  channel: SecureChannel | null;
  /** the address to dial from; undefined lets the system choose */
  from: string | undefined;
  counters: { peersRefused: number };
  log: Logger;
}

/** A connection whose greeting is that of a peer. */
export interface Welcomed {
  takeOver(socket: Socket): void;
}

/** Connections to the name servers in NameServers, and from them. */
export class Mesh implements Transport {
  private readonly options: MeshOptions;
  private readonly owner: TransportOwner;
  private readonly dialers: Dialer[];
  private readonly admission: PeerAdmission;

  constructor(options: MeshOptions, owner: TransportOwner) {
    this.options = options;
    this.owner = owner;
    this.admission = new PeerAdmission({
      nameServers: options.nameServers,
      mustEncrypt: options.channel !== null,
      links: options.links,
      counters: options.counters,
      refused: (address, reason) => owner.refused(address, reason),
    });
    this.dialers = options.nameServers.map((address) => this.createDialer(address));
  }

  /** With a secret, peers may connect that are not listed here. */
  get isUsed(): boolean {
    return this.dialers.length > 0 || this.options.channel !== null;
  }

  start(listen: string): void {
    const { channel, nameServers, log } = this.options;
    if (channel === null && this.isUsed)
      log.warn(
        { nameServers, advertise: listen },
        'sync is neither encrypted nor authenticated: it is accepted from the addresses in NameServers; set the same Secret in ddns.conf of every name server',
      );
    for (const dialer of this.dialers) dialer.start();
  }

  /**
   * A connection from `source`, an IP address, began with a line of `sync`.
   * @returns how it is taken over, or why it is refused
   */
  greeted(source: string, line: string, isEncrypted: boolean): Welcomed | Refusal {
    const refusal = this.admission.refusalOf(source, isEncrypted);
    if (refusal !== null) return refusal;
    const hello = decodeMessage(line);
    if (hello?.kind !== 'hello') return { code: 'malformed', text: 'sync must begin with a hello' };
    return {
      takeOver: (socket) => {
        this.admission.accepted(socket, source);
        this.owner.accepted(hello, socket, source);
      },
    };
  }

  /** A TLS handshake from `source` failed. @returns false when it is none of the name servers */
  handshakeFailed(source: string, reason: string): boolean {
    return this.admission.handshakeFailed(source, reason);
  }

  wake(address: string): void {
    for (const dialer of this.dialers) if (dialer.address === address) dialer.wake();
  }

  close(): void {
    for (const dialer of this.dialers) dialer.close();
  }

  private createDialer(address: string): Dialer {
    let conversation: Conversation | null = null;
    const dialer: Dialer = new Dialer({
      address,
      from: this.options.from,
      channel: this.options.channel,
      refused: (reason) => this.owner.refused(address, reason),
      connected: (socket) => {
        conversation = this.owner.dialled(address, socket, socket instanceof TLSSocket);
        if (conversation === null) dialer.close();
      },
      wasGood: () => conversation?.isOpen === true,
    });
    return dialer;
  }
}
