// What name servers say to each other (PROTOCOL.md, "Sync"). The server that dialled speaks first
// and pushes its own changes; the one that accepted answers. Times are ms since 1970.
// Sync messages as text lines (PROTOCOL.md, "Sync").

/** Version of the sync protocol; both sides must speak the same one. */
export const syncProtocol = 1;

/** Changes in one batch: one commit of the receiver, a few milliseconds. */
export const maxBatchChanges = 500;

/** Bytes of one batch's lines: one line's limit, so that no message of sync is larger than another. */
export const maxBatchBytes = 65_536;

/** Hashes in one `rows` or `want` line; a leaf of more is repaired in several rounds. */
export const maxLeafRows = 1_024;

export const hostStates = ['live', 'gone'] as const;
/** `gone`: a tombstone, kept so that others learn that the host left. */
export type HostState = (typeof hostStates)[number];

/** The dialect in which a host last spoke to a name server; it decides how the host is pinged. */
export type HostDialect = 'native' | 'legacy';

export interface HostChange {
  address: string;
  nodeId: string;
  state: HostState;
  dialect: HostDialect;
  firstSeen: number;
  lastSeen: number;
  version: { ms: number; counter: number; server: string };
}

/** What a server found out about a host; `unknown`: it cannot tell now. */
export const verdicts = ['alive', 'dead', 'unknown'] as const;
export type Verdict = (typeof verdicts)[number];

export interface SyncHello {
  kind: 'hello';
  id: string;
  /** names the numbering of this server's entries */
  epoch: string;
  /** names this run of the program: a server that dialled itself meets its own */
  run: string;
  protocol: number;
  clock: number;
  /** where this server listens, `ip:port` */
  listen: string;
  /** number of this server's latest entry */
  entry: number;
  /** of the software; older name servers say none, and take a hello for malformed that has one */
  version?: string;
}

export interface SyncWelcome {
  kind: 'welcome';
  id: string;
  run: string;
  protocol: number;
  clock: number;
  /** the entry of the dialler up to which everything is stored here; 0 when its epoch is new */
  applied: number;
  /** of the software; only for a dialler that said its own */
  version?: string;
}

export type SyncMessage =
  | SyncHello
  | SyncWelcome
  /** the sender's own changes, complete up to `entry` */
  | { kind: 'changes'; entry: number; changes: HostChange[] }
  /** everything up to `entry` is on the receiver's disk */
  | { kind: 'ack'; entry: number }
  | { kind: 'beat'; clock: number; number: number; backlog: number; limit: number; live: number }
  | { kind: 'echo'; clock: number; number: number }
  /** asks whether the receiver finds the host at `address` alive */
  | { kind: 'ask'; number: number; address: string }
  /** the answer to the `ask` of that number */
  | { kind: 'opinion'; number: number; verdict: Verdict }
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
  /** records of any origin, merged and not counted */
  | { kind: 'repair'; changes: HostChange[] }
  | { kind: 'error'; code: string; text: string };

/** One message with its line ends; all of it is ASCII. */
export function encodeSync(message: SyncMessage): string {
  switch (message.kind) {
    case 'hello': {
      const { id, epoch, run, protocol, clock, listen, entry, version } = message;
      const known = [id, epoch, run, protocol, clock, listen, entry];
      return line('sync hello', ...known, ...given(version));
    }
    case 'welcome': {
      const { id, run, protocol, clock, applied, version } = message;
      return line('welcome', id, run, protocol, clock, applied, ...given(version));
    }
    case 'changes': {
      const { entry, changes } = message;
      return line('changes', entry, changes.length) + changes.map(encodeChange).join('');
    }
    case 'ack':
      return line('ack', message.entry);
    case 'beat': {
      const { clock, number, backlog, limit, live } = message;
      return line('beat', clock, number, backlog, limit, live);
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

/** One change of a batch, with its line end. */
export function encodeChange(change: HostChange): string {
  const { state, address, nodeId, dialect, firstSeen, lastSeen, version } = change;
  const { ms, counter, server } = version;
  return line(state, address, nodeId, dialect, firstSeen, lastSeen, ms, counter, server);
}

function given(word: string | undefined): string[] {
  return word === undefined ? [] : [word];
}

function line(...words: (string | number)[]): string {
  return `${words.join(' ')}\n`;
}
