// The messages between name servers, and their encoder (PROTOCOL.md, "Sync"). The dialler speaks first and
// pushes its own changes; the receiver replies. Times are milliseconds since 1970.

/** Behind the version in a greeting: hosts may have the dialect udp. */
export const udpWord = 'udp';

/** Behind the version in a greeting: heartbeats are echoed by both sides of each connection. */
export const twoWayWord = 'both';

/** Hosts that a server cannot judge: all, or those of one address family. */
export const unables = ['all', 'ipv4', 'ipv6'] as const;
export type Unable = (typeof unables)[number];

/** `IPv4` or `IPv6`, for operators. */
export function familyName(family: Exclude<Unable, 'all'>): string {
  return family === 'ipv4' ? 'IPv4' : 'IPv6';
}

/** Behind the figures of a heartbeat: its sender cannot judge such hosts now. */
export const unableWords: Readonly<Record<Unable, string>> = {
  all: 'unable',
  ipv4: 'unable-ipv4',
  ipv6: 'unable-ipv6',
};

/** Behind the figures of a heartbeat, with the digest: exclusive or of those of all buckets, 16 hex digits. */
export const digestWord = 'digest-';

/** Version of the sync protocol. Both sides must speak the same one. */
export const syncProtocol = 1;

/** Changes in a batch, which is one commit of the receiver: a few milliseconds. */
export const maxBatchChanges = 500;

/** Bytes of a batch's lines: the limit of one line, so that no kind of message is larger than another. */
export const maxBatchBytes = 65_536;

/** Hashes in a `rows` or `want` line; a leaf with more is repaired in several rounds. */
export const maxLeafRows = 1_024;

/** `gone` is a tombstone, kept so that other servers learn of the deletion. */
export const hostStates = ['live', 'gone'] as const;
export type HostState = (typeof hostStates)[number];

/**
 * How a host speaks with name servers, which decides how it is pinged: in the native or the legacy dialect over TCP, or
 * in the native one over UDP.
 */
export const hostDialects = ['native', 'legacy', 'udp'] as const;
export type HostDialect = (typeof hostDialects)[number];

/** Whether two dialects are the same one, over TCP or UDP. */
export function isSameLanguage(one: HostDialect, other: HostDialect): boolean {
  return (one === 'legacy') === (other === 'legacy');
}

/** A record of the registry: a host at its latest change (PROTOCOL.md, "Records and versions"). */
export interface HostChange {
  /** `ip:port` */
  address: string;
  nodeId: string;
  state: HostState;
  dialect: HostDialect;
  firstSeen: number;
  lastSeen: number;
  version: { ms: number; counter: number; server: string };
}

/** A second opinion about a host; `unknown`: the server cannot tell. */
export const verdicts = ['alive', 'dead', 'unknown'] as const;
export type OpinionVerdict = (typeof verdicts)[number];

/** The first message, from the dialler (PROTOCOL.md, "Greeting"). */
export interface SyncHello {
  kind: 'hello';
  id: string;
  /** identifies the numbering of the dialler's entries */
  epoch: string;
  /** identifies this run of the program: a server that dialled itself receives its own */
  run: string;
  protocol: number;
  clock: number;
  /** where the dialler listens, `ip:port` */
  listen: string;
  /** number of the dialler's latest entry */
  entry: number;
  /** of the software; older name servers send none, and refuse a hello that has one */
  version?: string;
  /** hosts may have the dialect udp, said behind the version; older name servers take that for malformed */
  readsUdp?: boolean;
  /** it echoes heartbeats on connections that it dialled, too */
  isTwoWay?: boolean;
}

/** The reply to a hello. */
export interface SyncWelcome {
  kind: 'welcome';
  id: string;
  run: string;
  protocol: number;
  clock: number;
  /** the dialler's entry up to which its changes are stored here; 0 if the epoch is new */
  applied: number;
  /** of the software; only for a dialler that sent its own */
  version?: string;
  readsUdp?: boolean;
  isTwoWay?: boolean;
}

/** A heartbeat. */
export interface SyncBeat {
  kind: 'beat';
  clock: number;
  number: number;
  backlog: number;
  limit: number;
  live: number;
  /** hosts of which it deletes none, and has no opinions; older name servers take the word for malformed */
  cannotJudge?: Unable;
  /** exclusive or of the digests of all buckets, 16 hex digits; likewise */
  digest?: string;
}

/** A heartbeat to everybody (PROTOCOL.md, "Fleet"). */
export interface SyncPulse {
  kind: 'pulse';
  /** names the numbering of the sender's entries */
  epoch: string;
  run: string;
  /** everything up to this entry was published, or is left to those who ask for it */
  entry: number;
  /** exclusive or of the digests of all buckets, 16 hex digits */
  digest: string;
  /** entries of other servers that the sender lacks */
  behind: number;
  clock: number;
  backlog: number;
  limit: number;
  live: number;
  /** of the software */
  version: string;
  cannotJudge?: Unable;
}

/** What a server says to everybody: heartbeats, and its change log. */
export type SyncNews =
  | SyncPulse
  /** changes of the sender's own log, complete from behind `after` up to `entry` */
  | { kind: 'news'; epoch: string; after: number; entry: number; changes: HostChange[] };

/** Any message of sync on a link. */
export type SyncMessage =
  | SyncHello
  | SyncWelcome
  /** changes of the sender's own log, complete up to `entry` */
  | { kind: 'changes'; entry: number; changes: HostChange[] }
  /** all changes up to `entry` are on the receiver's disk */
  | { kind: 'ack'; entry: number }
  | SyncBeat
  | { kind: 'echo'; clock: number; number: number }
  /** asks for a second opinion on the host at `address` */
  | { kind: 'ask'; number: number; address: string }
  /** the reply to the `ask` with that number */
  | { kind: 'opinion'; number: number; verdict: OpinionVerdict }
  /** digests of all 256 buckets, 16 hex digits each */
  | { kind: 'digest'; buckets: string }
  /** the buckets that differ */
  | { kind: 'differ'; buckets: number[] }
  /** digests of the 64 leaves of a bucket */
  | { kind: 'leaves'; bucket: number; leaves: string }
  /** hashes of the sender's live records in a leaf */
  | { kind: 'rows'; leaf: number; hashes: string[] }
  /** asks for the records with these hashes */
  | { kind: 'want'; leaf: number; hashes: string[] }
  /** records of any origin; merged, but not counted as entries */
  | { kind: 'repair'; changes: HostChange[] }
  | { kind: 'error'; code: string; text: string };

/** The lines of a message, with their ends; ASCII only. */
export function encodeSync(message: SyncMessage | SyncNews): string {
  switch (message.kind) {
    case 'hello': {
      const { id, epoch, run, protocol, clock, listen, entry } = message;
      const known = [id, epoch, run, protocol, clock, listen, entry];
      return line('sync hello', ...known, ...abilities(message));
    }
    case 'welcome': {
      const { id, run, protocol, clock, applied } = message;
      return line('welcome', id, run, protocol, clock, applied, ...abilities(message));
    }
    case 'changes': {
      const { entry, changes } = message;
      return line('changes', entry, changes.length) + changes.map(encodeChange).join('');
    }
    case 'news': {
      const { epoch, after, entry, changes } = message;
      const head = line('news', epoch, after, entry, changes.length);
      return head + changes.map(encodeChange).join('');
    }
    case 'pulse': {
      const { epoch, run, entry, digest, behind, clock, backlog, limit, live, version } = message;
      const words = message.cannotJudge === undefined ? [] : [unableWords[message.cannotJudge]];
      const figures = [clock, backlog, limit, live];
      return line('pulse', epoch, run, entry, digest, behind, ...figures, version, ...words);
    }
    case 'ack':
      return line('ack', message.entry);
    case 'beat': {
      const { clock, number, backlog, limit, live, cannotJudge, digest } = message;
      const words = cannotJudge === undefined ? [] : [unableWords[cannotJudge]];
      if (digest !== undefined) words.push(digestWord + digest);
      return line('beat', clock, number, backlog, limit, live, ...words);
    }
    case 'echo':
      return line('echo', message.clock, message.number);
    case 'ask':
      return line('ask', message.number, message.address);
    case 'opinion':
      return line('opinion', message.number, message.verdict);
    case 'digest':
      return line('digest', message.buckets);
    case 'differ':
      return line('differ', ...message.buckets);
    case 'leaves':
      return line('leaves', message.bucket, message.leaves);
    case 'rows':
    case 'want':
      return line(message.kind, message.leaf, ...message.hashes);
    case 'repair':
      return line('repair', message.changes.length) + message.changes.map(encodeChange).join('');
    case 'error':
      return line('error', message.code, message.text);
  }
}

/** The line of one change of a batch, with its end. */
export function encodeChange(change: HostChange): string {
  const { state, address, nodeId, dialect, firstSeen, lastSeen, version } = change;
  const { ms, counter, server } = version;
  return line(state, address, nodeId, dialect, firstSeen, lastSeen, ms, counter, server);
}

/** The words behind a greeting. */
function abilities({ version, readsUdp, isTwoWay }: SyncHello | SyncWelcome): string[] {
  if (version === undefined) return [];
  return [version, ...(readsUdp ? [udpWord] : []), ...(isTwoWay ? [twoWayWord] : [])];
}

function line(verb: string, ...words: (string | number)[]): string {
  let text = verb;
  for (const word of words) text += ` ${word}`;
  return `${text}\n`;
}
