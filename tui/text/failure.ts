// Why the daemon did not do what it was asked, as one line.
import { ErrorCodes } from 'vscode-jsonrpc/node';

/** @param lack what a daemon cannot do that does not know the request: `show its settings` */
export function failureText(error: unknown, lack: string): string {
  if ((error as { code?: unknown } | null)?.code === ErrorCodes.MethodNotFound)
    return `this ddnsd is older than the console and cannot ${lack}; restart it with the new version`;
  return error instanceof Error ? error.message : String(error);
}
