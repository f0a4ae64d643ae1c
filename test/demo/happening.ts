// What the stage (the process that runs the demo network) and the program in front of it say to each
// other. In the order of a run: `ready` or `failed`; then happenings; `finish`, answered by `summary`.
// When the program in front goes, however it does, the stage ends everything and removes its folder.

export interface ServerPlace {
  /** `ip:port` */
  address: string;
  /** of its console's socket */
  socket: string;
  pid: number;
}

/** Something worth a line. `atMs` is since the network was ready. */
export type Happening = { atMs: number } & (
  | { kind: 'joined'; node: string; address: string; again: boolean; knows: number }
  | { kind: 'left' | 'crashed'; node: string; address: string }
  | { kind: 'expired'; address: string; by: string }
  /** one node and `more` others at about the same time; `to`: where they were sent, each once */
  | { kind: 'redirected'; address: string; more: number; from: string; to: string[] }
  | { kind: 'burst'; server: string; clients: number }
  | { kind: 'down'; server: string }
  | { kind: 'up'; server: string; pid: number }
  | { kind: 'trouble'; text: string }
);

export const countedKinds = [
  'joined',
  'left',
  'crashed',
  'expired',
  'redirected',
  'burst',
  'down',
] as const;
export type Counted = Record<(typeof countedKinds)[number], number>;

export interface Summary {
  counted: Counted;
  /** nodes that run now */
  running: number;
  /** live hosts in the registry of each name server */
  live: { server: string; hosts: number }[];
  /** whether the name servers hold the same hosts */
  isAgreed: boolean;
}

export interface Network {
  folder: string;
  /** of the stage */
  pid: number;
  seed: number;
  servers: ServerPlace[];
  nodes: { count: number; first: string; last: string };
}

export type FromStage =
  | { type: 'ready'; network: Network }
  | { type: 'failed'; text: string }
  | { type: 'happening'; happening: Happening }
  | { type: 'summary'; summary: Summary };

export type ToStage = { type: 'finish' };
