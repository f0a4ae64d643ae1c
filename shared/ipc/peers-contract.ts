// The part of the IPC contract (contract.ts) that is about comparing with other name servers when an
// operator wants it, instead of at the next regular time.
import { RequestType } from 'vscode-jsonrpc/node';
import type { z } from 'zod';
import type { syncParams } from './params.ts';

/**
 * `equal`: both hold the same live hosts. `unfinished`: not yet, and it goes on. `lost`: the connection
 * ended meanwhile. `away`: there is no connection to it.
 */
export const syncOutcomes = ['equal', 'unfinished', 'lost', 'away'] as const;
export type SyncOutcome = (typeof syncOutcomes)[number];

/** How comparing with one peer went. */
export interface PeerSync {
  address: string;
  outcome: SyncOutcome;
  /** hosts of which it told something new, and those that it was told of */
  received: number;
  sent: number;
}

export interface SyncResult {
  peers: PeerSync[];
}

/** Compares now with the peer at `address`, or with all. It takes ten seconds at most. */
export const syncRequest = new RequestType<z.input<typeof syncParams>, SyncResult, void>(
  'peers/sync',
);
