// The limits of the wire (PROTOCOL.md, "Limits"), each checked before anything is allocated for
// what goes beyond it.

/** Bytes in one line without its end: some 3,000 addresses, and what a kernel reads in one turn. */
export const maxLineBytes = 65_536;

/** `have` lines before one query: with full lines about 190,000 hosts; beyond, use `since`. */
export const maxHaveLines = 64;

/** Addresses in the `have` lines of one query: 4 MB packed, the most one asker may cost. */
export const maxHaveAddresses = 200_000;

/** Requests on one connection; then it is closed, so that nodes spread over the servers again. */
export const maxRequestsPerConnection = 100_000;

/** Characters of a node id: a UUID has 36, a SHA-256 in hex 64. */
export const maxNodeIdLength = 64;

/** `limit` of a query: as many hosts as one registry is built for. */
export const maxQueryLimit = 1_000_000;

/** Characters of a cursor: a position for each of a few name servers fits. */
export const maxCursorLength = 64;

/** Times a request may have been redirected; a client follows no more. */
export const maxHops = 3;

/** From the first byte of a request (or from accepting the connection) to its last. */
export const requestDeadlineMs = 10_000;

/** A kept-open connection without a request. */
export const idleTimeoutMs = 60_000;

/** From the first byte of a reply to its last, for a reader that does not read. */
export const writeDeadlineMs = 30_000;
