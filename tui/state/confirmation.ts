// What an operator confirms by typing a word: the action, what is said of it before, and the word.
import type { LogStatus } from '../../shared/ipc/log-contract.ts';
import { safe } from '../text/columns.ts';
import { count } from '../text/format.ts';

/** Actions that the daemon performs once they are confirmed. */
export type AskedOfDaemon =
  | { action: 'send'; address: string }
  /** a connection's id, and its source */
  | { action: 'close'; id: string; source: string }
  | { action: 'log'; level: LogStatus['level'] }
  | { action: 'drain' | 'undrain' | 'override' };

/** Actions that a typed word must confirm: the daemon's, removing hosts, and dropping unsaved changes. */
export type Asked =
  | AskedOfDaemon
  /** `hidden`: how many of them the filter hides */
  | { action: 'remove'; addresses: readonly string[]; hidden?: number }
  | { action: 'discard' }
  | { action: 'quit' };

interface Confirmation {
  /** the action as a question */
  title: string;
  /** what follows from it */
  outcome: string;
  /** confirms it */
  word: string;
}

/** What is said before it of the name server that it is for; empty: that has no name. */
export function forServer(name: string): string {
  return name === '' ? '' : `${safe(name, 32)}: `;
}

export function confirmation(asked: Asked): Confirmation {
  switch (asked.action) {
    case 'remove':
      return removalConfirmation(asked);
    case 'close':
      return {
        title: `Close the connection from ${safe(asked.source, 64)}?`,
        outcome: 'Its node gets no reply, and may reconnect.',
        word: 'close',
      };
    case 'send':
      return {
        title: `Drain to ${safe(asked.address, 64)}?`,
        outcome: 'Every node is redirected to it until the drain ends (u).',
        word: 'drain',
      };
    case 'drain':
      return {
        title: 'Drain this name server?',
        outcome: 'Every node is redirected to the least loaded peer until the drain ends (u).',
        word: 'drain',
      };
    case 'undrain':
      return { title: 'End the drain?', outcome: 'Nodes are served here again.', word: 'end' };
    case 'override':
      return {
        title: 'Override self-preservation?',
        outcome: 'For two ping cycles, hosts that do not answer will be deleted.',
        word: 'override',
      };
    case 'log':
      return {
        title: `Set LogLevel=${asked.level} in ddns.conf?`,
        outcome: 'It applies immediately, and after each restart.',
        word: asked.level,
      };
    case 'discard':
      return {
        title: 'Discard unsaved changes?',
        outcome: 'ddns.conf stays as it is on disk.',
        word: 'discard',
      };
    case 'quit':
      return {
        title: 'Quit without saving ddns.conf?',
        outcome: 'Unsaved changes are lost.',
        word: 'quit',
      };
  }
}

/** The number of hosts is part of the word, so that the operator has read it. */
function removalConfirmation({
  addresses,
  hidden = 0,
}: Asked & { action: 'remove' }): Confirmation {
  const [only] = addresses;
  if (only !== undefined && addresses.length === 1)
    return {
      title: `Remove ${safe(only, 64)}${hidden === 0 ? '' : ', hidden by the filter'}?`,
      outcome: 'It returns if its node registers again.',
      word: 'remove',
    };
  const covered = hidden === 0 ? '' : `, ${count(hidden)} of them hidden by the filter`;
  return {
    title: `Remove ${count(addresses.length)} hosts${covered}?`,
    outcome: 'Each returns if its node registers again.',
    word: `remove ${addresses.length}`,
  };
}
