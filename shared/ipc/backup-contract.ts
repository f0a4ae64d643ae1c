// The part of the IPC contract (contract.ts) that copies the registry: a backup is the database's file, read in pieces
// by the console that asked for it, so the file that it writes belongs to the console's user.
import { RequestType } from 'vscode-jsonrpc/node';
import type { NoParams } from './status-contract.ts';

/** A backup that began: the registry as it was then. */
export interface BackupBegun {
  /** names it in the reads */
  id: string;
  bytes: number;
  /** hosts in it */
  live: number;
}

/** Asks for the bytes of a backup from `at` on. */
export interface BackupQuery {
  id: string;
  at: number;
}

/** At most 256 KiB of a backup, in Base64; none: it has no more. */
export interface BackupPiece {
  data: string;
}

/** Only one backup is made at a time. It ends with its last piece, or with the console's connection. */
export const backupRequest = new RequestType<NoParams, BackupBegun, void>('backup/begin');
export const backupPieceRequest = new RequestType<BackupQuery, BackupPiece, void>('backup/read');
