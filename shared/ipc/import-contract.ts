// The part of the IPC contract (contract.ts) that imports hosts from a file.
import { RequestType } from 'vscode-jsonrpc/node';
import type { HostDialect } from '../protocol/sync-message.ts';

/** Most hosts of one request: the daemon does nothing else for a few milliseconds. */
export const maxImportedHosts = 500;

/** A host to import; times in ms since the Unix epoch. */
export interface HostToImport {
  address: string;
  nodeId: string;
  firstSeen: number;
  lastSeen: number;
  dialect: HostDialect;
}

/** Hosts to import; `more`: further requests of this import follow. */
export interface ImportQuery {
  hosts: HostToImport[];
  more: boolean;
}

/**
 * What became of each host, in their order: `stored`, `known`, or why it is refused. A newer daemon may have further
 * reasons.
 */
export interface ImportResult {
  outcomes: string[];
}

export const importRequest = new RequestType<ImportQuery, ImportResult, void>('hosts/import');
