// Numbers of the DNS that this name server reads or writes (IANA, "Domain Name System Parameters").

/** Bytes of a header (RFC 1035 §4.1.1). */
export const headerBytes = 12;

/** Longest label and longest name, in bytes of the wire form (RFC 1035 §2.3.4). */
export const maxLabelBytes = 63;
export const maxNameBytes = 255;

/** Largest answer over UDP to a query without EDNS (RFC 1035 §4.2.1). */
export const plainUdpBytes = 512;

/** Largest answer over UDP otherwise: no fragments on any IPv6 path (DNS flag day 2020). */
export const ednsUdpBytes = 1_232;

/** Longest query that is read: options of EDNS may pad it (RFC 7830), to no more than UDP carries unfragmented. */
export const maxQueryBytes = 1_232;

/** Longest answer over TCP: the pointers of names reach no further. */
export const maxMessageBytes = 16_384;

/** Bits of the second header word. */
export const headerFlags = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursionDesired: 0x0100,
  checkingDisabled: 0x0010,
} as const;

/** Response codes; those from 16 on need EDNS. */
export const rcodes = {
  noError: 0,
  formErr: 1,
  servFail: 2,
  nxDomain: 3,
  notImp: 4,
  refused: 5,
  badVers: 16,
} as const;
export type Rcode = (typeof rcodes)[keyof typeof rcodes];

/** Types of records. */
export const recordTypes = {
  A: 1,
  NS: 2,
  SOA: 6,
  HINFO: 13,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  ANY: 255,
} as const;

/** Bytes of an OPT record without options (root, type, size, flags, length), and of the head of an option. */
export const optBytes = 11;
export const optionHeadBytes = 4;

/** The class of the Internet. */
export const classIn = 1;

/** Options of EDNS: cookies (RFC 7873), extended errors (RFC 8914). */
export const ednsOptions = { cookie: 10, extendedError: 15 } as const;

/** Codes of extended errors (RFC 8914 §4). */
export const extendedErrors = { notReady: 14, notAuthoritative: 20 } as const;
