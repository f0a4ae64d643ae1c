// What carries replication between name servers. A transport finds the peers, opens links to them, takes the links
// that they open, and opens a link again when it ended. What is said on a link, and whether a peer is alive, is
// none of its business: core/sync decides that.
//
// There are two kinds. One reaches a server at a time: it keeps a link to each, so two join any two servers, one opened
// by each. One that also reaches everybody at once, with `publish`, opens a link only while its owner `wants` it.
//
// test/daemon/replication/transport-conformance.ts says the same as tests, for any transport.
import type { Duplex } from 'node:stream';
import type { Refusal } from '../../shared/protocol/message.ts';
import type { SyncHello } from '../../shared/protocol/sync-message.ts';
import type { Everybody } from '../core/sync/publication.ts';

/**
 * One link, from when both sides have it until either closes it. Bytes come as they were written, in order: a
 * transport that lost any of them closes the link. `write` takes everything; `writableLength` counts what is
 * held for a peer that does not read, so that the link can be given up. `end` closes it behind what was written,
 * `destroy` at once; a `close` event follows at both sides, with what had come before it.
 */
export type Link = Duplex & {
  /** What is written is encrypted on its way, which may change. A TLSSocket says it of itself. */
  readonly encrypted?: boolean;
};

/** What is carried on a link that this server opened. */
export interface Conversation {
  /** The peer has answered: opening the link was of use, and the pauses between attempts start over. */
  readonly isOpen: boolean;
}

/** What replication does with what a transport reports. */
export interface TransportOwner {
  /**
   * The link to the peer at `address`, as configured, is open; nothing was written to it.
   * @param former the link that it replaces; its owner closes that
   * @returns null: that is no peer (any more). The transport closes the link and opens no other one to it.
   */
  dialled(address: string, link: Link, former?: Link | null): Conversation | null;
  /**
   * A peer has opened a link and greeted on it.
   * @param source the IP address that it came from; a transport that does not see one gives a name for operators
   */
  accepted(hello: SyncHello, link: Link, source: string): void;
  /** The server that opened that link is no peer any more: it is told why, and the link closed. */
  dismissed(link: Link, refusal: Refusal): void;
  /** A server is at `address`, with that id. It becomes a peer if it is none; it is told again while it is there. */
  found(address: string, id: string): void;
  /** Whether a link to the server at `address` is of use now, which `wake` says when it begins. */
  wants(address: string): boolean;
  /** What is published reaches everybody from now on; null: not any more. */
  reaches(everybody: Everybody | null): void;
  /** The server at `address`, with that id, has published that. */
  heard(address: string, id: string, bytes: Uint8Array): void;
  /** Whether there may be peers that are not found yet: until then no list of hosts is complete. */
  searching(isSearching: boolean): void;
  /** Those are not reached, for a reason that was reported for all of them together. */
  unreached(addresses: readonly string[], reason: string): void;
  /** `address` is not reached, or not admitted; `reason` is a predicate for operators. It may be told again. */
  refused(address: string, reason: string): void;
}

/** Carries replication from `start` to `close`. Calls its owner from the constructor's end on, at any time. */
export interface Transport {
  /** Whether it has, or may get, any peers. */
  readonly isUsed: boolean;
  /** @param listen where other name servers and nodes reach this one, `ip:port` */
  start(listen: string): void;
  /**
   * The peer at `address`, as configured, has just opened a link here, so it runs; or a link to it is wanted now. A pause
   * before the next attempt ends.
   */
  wake(address: string): void;
  /** The secret, or who is a peer, may have changed: no link goes down that is still accepted. */
  configured(): void;
  /**
   * Sends it to everybody, as `TransportOwner.reaches` allows: to each once or not at all, and in this order.
   * null: this transport reaches one server at a time.
   * @param left it is on its way
   */
  readonly publish: ((bytes: Uint8Array, left: () => void) => void) | null;
  /** Closes every link that this server opened, and opens no more. Its owner closes the others. */
  close(): void;
}
