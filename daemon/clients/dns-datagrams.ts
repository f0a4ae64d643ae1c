// DNS in datagrams. A query is answered at once, or waits for a look into another process, so it takes no place in the
// backlog; but while that has no room, it is answered that the server is too busy, as over TCP.
import type { Admission, Guest, Place } from '../core/admission/admission.ts';
import { Link } from '../core/timing/linked-set.ts';
import type { ConnectionShared } from './connection-shared.ts';
import type { DatagramDialects } from './datagrams.ts';

/** Queries that may wait for word of the shared backlog, some milliseconds; more find no room. */
const maxWaiting = 1_024;

/** How DNS is answered in datagrams; null: it is not. */
export function dnsIn({
  dns,
  admission,
}: Pick<ConnectionShared<never>, 'dns' | 'admission'>): DatagramDialects['dns'] {
  if (dns === null) return null;
  const room = new BacklogRoom(admission);
  return (bytes, source) => {
    const isThere = room.look();
    if (typeof isThere === 'boolean') return dns.respond(bytes, source, 'udp', !isThere);
    return isThere.then((found) => dns.respond(bytes, source, 'udp', !found));
  };
}

/** Whether the backlog has room. Where processes share it, one permit is sought for all queries that wait. */
class BacklogRoom implements Guest {
  readonly source = 'dns';
  place: Place | null = null;
  readonly link: Link<Guest> = new Link<Guest>(this);
  private readonly admission: Admission;
  private waiting = 0;
  private sought: Promise<boolean> | null = null;
  private found: (hasRoom: boolean) => void = () => {};

  constructor(admission: Admission) {
    this.admission = admission;
  }

  look(): boolean | Promise<boolean> {
    if (this.admission.hasRoom) return true;
    if (this.sought === null) {
      const hasRoom = this.admission.seek(this, true);
      if (hasRoom !== null) return hasRoom;
      this.sought = new Promise((resolve) => {
        this.found = resolve;
      });
    }
    return ++this.waiting <= maxWaiting && this.sought;
  }

  proceed(hasRoom: boolean): void {
    this.found(hasRoom);
    this.sought = null;
    this.waiting = 0;
  }

  /** It is never in the backlog. */
  evict(): void {}

  giveWay(): void {}
}
