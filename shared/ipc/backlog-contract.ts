// The part of the IPC contract (contract.ts) that is about the backlog: who is in it, and closing one of
// them. It is looked up when somebody asks and told to nobody else, so a request costs no more for it.
import { RequestType } from 'vscode-jsonrpc/node';
import type { z } from 'zod';
import type { HostDialect } from '../protocol/sync-message.ts';
import type { connectionParams, noParams } from './params.ts';

/** Most connections that are sent, some 50 KB: more than anybody reads of a list that changes each second. */
export const maxBacklogRows = 300;

/**
 * What a connection in the backlog waits for. `reading`: its request is not whole yet. `deciding`: the
 * request is here, what it asks for is not on the disk yet. `writing`: the client takes its reply.
 */
export const backlogStages = ['reading', 'deciding', 'writing'] as const;
export type BacklogStage = (typeof backlogStages)[number];

/** A connection whose request is not answered. */
export interface BacklogEntry {
  /** the connection's name for as long as the daemon runs: a process, and a number in it */
  id: string;
  /** `ip:port` that it comes from */
  source: string;
  dialect: HostDialect;
  /** whether it runs inside TLS */
  encrypted: boolean;
  stage: BacklogStage;
  /** since when an answer is owed to it */
  since: number;
  /** for how long, on a clock that is never set, ms */
  waitedMs: number;
  /** requests that came on it and were whole */
  requests: number;
  /** taken from it and given to it, since it was opened or was passed to the main process */
  bytesIn: number;
  bytesOut: number;
}

/** A worker process that did not answer, with what it last told of itself. */
export interface SilentWorker {
  /** the first part of the ids of its connections */
  number: number;
  pid: number;
  backlog: number;
  open: number;
}

export interface Backlog {
  /** the daemon's clock */
  at: number;
  /** all connections in it, of which `entries` has those who wait longest, at most `maxBacklogRows` */
  total: number;
  entries: BacklogEntry[];
  /** connections that said nothing yet, and those that are kept open with all answered */
  silent: number;
  idle: number;
  /** whose connections are not in `entries`, `silent` and `idle`; in `total` as they last told */
  missing: SilentWorker[];
}

export const backlogRequest = new RequestType<z.input<typeof noParams>, Backlog, void>('backlog');
/** Closes the connection of that id if its request is still not answered. */
export const closeRequest = new RequestType<z.input<typeof connectionParams>, BacklogEntry, void>(
  'backlog/close',
);
