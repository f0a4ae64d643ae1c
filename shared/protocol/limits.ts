// The limits of the wire (PROTOCOL.md, "Limits"). Each is checked before memory is allocated.

/** Bytes in a line without its end: some 3,000 addresses, and what a kernel reads at once. */
export const maxLineBytes = 65_536;

/** `have` lines before one query: about 190,000 hosts in full lines; with more, use `since`. */
export const maxHaveLines = 64;

/** Addresses in the `have` lines of one query: 4 MB packed, the most that one asker may cost. */
export const maxHaveAddresses = 200_000;

/** Requests on one connection; then it is closed, so that nodes spread over the servers again. */
export const maxRequestsPerConnection = 100_000;

/** Characters of a node id: a UUID has 36, a SHA-256 in hex 64. */
export const maxNodeIdLength = 64;

/** Largest `limit` of a query: as many hosts as a registry is designed for. */
export const maxQueryLimit = 1_000_000;

/** Characters of a cursor: room for a position at each of a few name servers. */
export const maxCursorLength = 64;

/** Redirects of one request; a client follows no more. */
export const maxHops = 3;

/** Milliseconds from the first byte of a request, or from accepting the connection, to its last byte. */
export const requestDeadlineMs = 10_000;

/** Milliseconds that a connection may stay open without a request. */
export const idleTimeoutMs = 60_000;

/** Milliseconds from the first byte of a reply until the client has read the last one. */
export const writeDeadlineMs = 30_000;

/** Bytes of a datagram in either direction: what passes every path unfragmented (RFC 9715, DNS Flag Day 2020). */
export const maxDatagramBytes = 1_232;
