// `ddns-tui drain`: sends every node to other name servers, or takes nodes again. It asks first: on a
// terminal a person, elsewhere for `--yes`.
import type { IpcClient } from '../../../shared/ipc/client.ts';
import type { Redirecting } from '../../../shared/ipc/status-contract.ts';
import { safe } from '../../text/columns.ts';
import { iso } from '../../text/format.ts';
import { redirectingText } from '../../text/redirecting.ts';

export interface DrainOptions {
  /** a name server to send every node to; without one to the less loaded ones */
  to?: string;
  /** take nodes again */
  stop?: boolean;
  json?: boolean;
}

/** Does it. @returns what to print */
export async function drain(client: IpcClient, options: DrainOptions): Promise<string> {
  const redirecting = options.stop ? await client.undrain() : await client.drain(options.to);
  return options.json ? redirectingJson(redirecting) : `${resultText(redirecting)}\n`;
}

/** What the operator is asked before it is done. */
export function drainQuestion({ to, stop }: DrainOptions): string {
  if (stop) return 'End the drain?';
  return to === undefined
    ? 'Redirect every node to the least loaded peer?'
    : `Redirect every node to ${safe(to, 64)}?`;
}

function redirectingJson(redirecting: Redirecting): string {
  return `${JSON.stringify({ ...redirecting, since: iso(redirecting.since) })}\n`;
}

function resultText(redirecting: Redirecting): string {
  const { mode } = redirecting;
  if (mode === 'load') return 'drain ended';
  const text = redirectingText(redirecting);
  return mode === 'stopping' ? text : `${text}; end it with: ddns-tui drain --stop`;
}
