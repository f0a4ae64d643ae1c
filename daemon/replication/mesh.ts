// The transport between name servers that name each other: every one dials every other over TCP, with a secret
// inside TLS, and accepts their connections on the port of the nodes.
import type { Socket } from 'node:net';
import type { HostNames } from '../../shared/host-names.ts';
import type { Refusal } from '../../shared/protocol/message.ts';
import { hostNameOf } from '../../shared/protocol/server-name.ts';
import { decodeMessage } from '../../shared/protocol/sync-decoder.ts';
import type { SyncHello } from '../../shared/protocol/sync-message.ts';
import type { Membership } from '../core/sync/membership.ts';
import type { Logger } from '../log.ts';
import type { SecureChannel } from '../net/secure-channel.ts';
import { Dialer } from './dialer.ts';
import { alsoHere, refuseCommonName } from './own-name.ts';
import { PeerAdmission, whereReached } from './peer-admission.ts';
import type { Conversation, Transport, TransportOwner } from './transport.ts';

/** Between two looks at names that do not count as peers, ms: their servers may have moved. */
const lookAgainMs = 60_000;

/** What the mesh needs of the configuration. */
export interface MeshOptions {
  /** connections from other name servers at once, at most */
  links: number;
  /** the servers in NameServers */
  membership: Membership;
  /** looks up the host names among them */
  names: HostNames;
  /** A peer is reached elsewhere than before. */
  moved: () => void;
  channel: SecureChannel;
  /** the address to dial from; undefined lets the system choose */
  from: string | undefined;
  counters: { peersRefused: number };
  log: Logger;
}

const openText =
  'sync is neither encrypted nor authenticated: it is accepted from the addresses in NameServers; set the same Secret in ddns.conf of every name server';

const halfOpenText =
  'sync is also accepted without the Secret, from the addresses in NameServers: the secret file has a line none; go on to the next step on every name server';

/** A connection whose greeting is that of a peer. */
export interface Welcomed {
  takeOver(socket: Socket): void;
}

/** A connection that was accepted: where it came from, and how the server there greeted. */
interface Arrival {
  /** an IP address */
  source: string;
  isEncrypted: boolean;
  hello: SyncHello;
}

/** Connections to the name servers in NameServers, and from them. */
export class Mesh implements Transport {
  readonly publish = null;
  private readonly options: MeshOptions;
  private readonly owner: TransportOwner;
  /** by the address of the peer, as configured */
  private readonly dialers = new Map<string, Dialer>();
  private readonly admission: PeerAdmission;
  private readonly accepted = new Map<Socket, Arrival>();
  /** where this server is reached; null: it has not started */
  private listen: string | null = null;
  private looking: NodeJS.Timeout | null = null;
  /** what operators were told about connections in the clear; null: there are none */
  private openness: string | null = null;

  constructor(options: MeshOptions, owner: TransportOwner) {
    this.options = options;
    this.owner = owner;
    this.admission = new PeerAdmission(
      {
        membership: options.membership,
        channel: options.channel,
        counters: options.counters,
        refused: (address, reason) => owner.refused(address, reason),
      },
      options.links,
    );
  }

  get isUsed(): boolean {
    return this.options.membership.peers.length > 0;
  }

  start(listen: string): void {
    this.listen = listen;
    this.dial();
    this.looking = setInterval(() => this.lookAgain(), lookAgainMs);
  }

  /** Connections from other name servers at once, at most, from now on. */
  set links(links: number) {
    this.admission.links = links;
  }

  configured(): void {
    for (const [socket, { source, isEncrypted, hello }] of this.accepted) {
      const refusal = this.admission.refusalOf(source, isEncrypted, hello) ?? this.voidness(socket);
      if (refusal !== null) this.owner.dismissed(socket, refusal);
    }
    if (this.listen === null) return;
    this.dial();
    for (const dialer of this.dialers.values()) dialer.renew();
    this.lookAgain();
  }

  /** Why the secret of a connection does not count any more; null: it does. */
  private voidness(socket: Socket): Refusal | null {
    if (this.options.channel.accepts(socket)) return null;
    const text =
      'the Secret that this connection was opened with is not accepted here any more; set the same one in ddns.conf of both name servers';
    return { code: 'not-a-peer', text };
  }

  /** Dials the peers that are new, and closes the connections to those that are gone. */
  private dial(): void {
    const { membership } = this.options;
    for (const [address, dialer] of this.dialers)
      if (membership.at(address)?.isNamed !== true) {
        dialer.close();
        this.dialers.delete(address);
      }
    const added = membership.peers
      .filter(({ isNamed }) => isNamed)
      .map(({ address }) => address)
      .filter((address) => !this.dialers.has(address));
    for (const address of added) {
      const dialer = this.createDialer(address);
      this.dialers.set(address, dialer);
      dialer.start();
    }
    this.tellOpenness();
  }

  private tellOpenness(): void {
    const { channel, log } = this.options;
    const former = this.openness;
    const isOpen = this.dialers.size > 0 && channel.acceptsPlain;
    this.openness = isOpen ? (channel.acceptsTls ? halfOpenText : openText) : null;
    if (this.openness === null || this.openness === former) return;
    log.warn({ nameServers: [...this.dialers.keys()], advertise: this.listen }, this.openness);
  }

  /**
   * A connection from `source`, an IP address, began with a line of `sync`.
   * @returns how it is taken over, or why it is refused
   */
  greeted(source: string, line: string, isEncrypted: boolean): Welcomed | Refusal {
    const message = decodeMessage(line);
    const hello = message?.kind === 'hello' ? message : null;
    const known = hello === null ? null : whereReached(hello, source).hello;
    const refusal = this.admission.refusalOf(source, isEncrypted, known);
    if (refusal !== null) return refusal;
    if (hello === null || known === null)
      return { code: 'malformed', text: 'sync must begin with a hello' };
    return {
      takeOver: (socket) => {
        this.admission.accepted(socket, source);
        this.accepted.set(socket, { source, isEncrypted, hello: known });
        socket.once('close', () => this.accepted.delete(socket));
        this.owner.accepted(hello, socket, source);
      },
    };
  }

  /** A TLS handshake from `source` failed. @returns false when it is none of the name servers */
  handshakeFailed(source: string, reason: string): boolean {
    return this.admission.handshakeFailed(source, reason);
  }

  wake(address: string): void {
    this.dialers.get(address)?.wake();
  }

  close(): void {
    if (this.looking !== null) clearInterval(this.looking);
    this.listen = null;
    for (const dialer of this.dialers.values()) dialer.close();
  }

  /** The addresses of a server by one of its names. @throws Error for operators */
  private async addressesOf(server: string): Promise<string[]> {
    const addresses = await this.options.names.resolve(server);
    if (hostNameOf(server) !== null && this.listen !== null)
      refuseCommonName(addresses, this.listen);
    return addresses;
  }

  /** Looks where the names lead that were this server's, or those of a peer that is named otherwise, too. */
  private lookAgain(): void {
    for (const name of this.options.membership.others)
      this.options.names.resolve(name).then(
        (addresses) => this.part(name, addresses),
        () => {
          // It leads nowhere now.
        },
      );
  }

  /** @returns whether the name leads elsewhere than before, and is dialled by itself from now on */
  private part(name: string, addresses: readonly string[]): boolean {
    if (this.listen === null || !this.options.membership.part(name, addresses)) return false;
    this.dial();
    this.options.moved();
    return true;
  }

  private createDialer(address: string): Dialer {
    const { from, channel, membership, moved } = this.options;
    let conversation: Conversation | null = null;
    const dialer: Dialer = new Dialer({
      ...{ address, from, channel },
      resolve: async (server) => {
        const { aliases = [] } = membership.at(server) ?? {};
        const addresses = await allOf([server, ...aliases], async (each) => {
          const found = await this.addressesOf(each);
          const isParted = this.part(each, found);
          // A name that became a peer of its own may be this one, which is still dialled from before it was none.
          return isParted && each !== server ? [] : found;
        });
        return alsoHere(addresses, from);
      },
      resolved: (addresses) => {
        const peer = membership.at(address);
        if (peer === null || peer.addresses.join() === addresses.join()) return;
        peer.addresses = addresses;
        moved();
      },
      refused: (reason) => this.owner.refused(address, reason),
      connected: (socket, former) => {
        conversation = this.owner.dialled(address, socket, former);
        if (conversation !== null) return;
        dialer.close();
        this.dialers.delete(address);
      },
      wasGood: () => conversation?.isOpen === true,
    });
    return dialer;
  }
}

/** The addresses of one server that is named several times. @throws why none of its names resolves */
async function allOf(
  servers: readonly string[],
  resolve: (server: string) => Promise<string[]>,
): Promise<string[]> {
  const found = await Promise.allSettled(servers.map(resolve));
  const addresses = found.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
  const [first] = found;
  if (addresses.length === 0 && first?.status === 'rejected') throw first.reason;
  return [...new Set(addresses)];
}
