// Sync messages as text lines (PROTOCOL.md, "Sync").
import type { HostChange, SyncMessage } from './sync-message.ts';

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
