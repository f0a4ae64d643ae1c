// The replies of the last seconds to requests in datagrams: a request that the network doubled or held back gets its
// reply again and is not carried out again. Otherwise a late copy of a query would register a node that has left since.

/** How long a reply is kept, ms: longer than a client sends a request again, and than networks hold back a datagram. */
const keptMs = 10_000;

/** Most replies kept: 2.5 MB of full datagrams. Under more load, each is kept for a shorter time. */
const mostKept = 2_048;

/** One for each process. */
export class RecentReplies {
  /** by the request, in the order of their times */
  private readonly replies = new Map<string, { bytes: Uint8Array; at: number }>();

  /** The reply to the request `key`; null: there is none, or it is older than ten seconds. */
  get(key: string, now: number): Uint8Array | null {
    this.forget(now);
    return this.replies.get(key)?.bytes ?? null;
  }

  add(key: string, bytes: Uint8Array, now: number): void {
    this.replies.set(key, { bytes, at: now });
    this.forget(now);
  }

  private forget(now: number): void {
    for (const [key, { at }] of this.replies) {
      if (now - at < keptMs && this.replies.size <= mostKept) return;
      this.replies.delete(key);
    }
  }
}
