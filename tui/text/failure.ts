// Why the daemon did not do what it was asked, as one line.
import { ErrorCodes } from 'vscode-jsonrpc/node';

/** @param lack what a daemon cannot do that does not know the request: `show its settings` */
export function failureText(error: unknown, lack: string): string {
  const { code } = (error ?? {}) as { code?: unknown };
  if (code === ErrorCodes.MethodNotFound) return olderText(lack);
  return error instanceof Error ? error.message : String(error);
}

/** The daemon does not know a part of a request that it knows otherwise. */
export function isUnknownPart(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === ErrorCodes.InvalidParams;
}

export function olderText(lack: string): string {
  return `this ddnsd is older than the console and cannot ${lack}; restart it with the new version`;
}
