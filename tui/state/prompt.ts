// The line in which the operator types: the filter of a view, applied as it is typed, the word that confirms an
// action, the value of a setting, or the palette. The cursor is at its end.
import type { LogStatus } from '../../shared/ipc/log-contract.ts';
import { safe } from '../text/columns.ts';
import { count } from '../text/format.ts';
import { named } from '../text/host-outcomes.ts';

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

export type Prompt =
  | { kind: 'filter'; text: string /** the filter to return to on Escape */; before: string }
  | { kind: 'confirm'; text: string; asked: Asked }
  /** row of the chosen action among those that the text finds */
  | { kind: 'palette'; text: string; chosen: number }
  | {
      kind: 'setting';
      text: string;
      name: string /** the text at the beginning */;
      before: string;
    };

/** The word that confirms an action, and the question that asks for it. */
export function confirmation(asked: Asked): { word: string; question: string } {
  switch (asked.action) {
    case 'remove':
      return removalConfirmation(asked);
    case 'close':
      return { word: 'close', question: `type close to close ${safe(asked.source, 64)}: ` };
    case 'send':
      return {
        word: 'drain',
        question: `type drain to redirect all to ${safe(asked.address, 64)}: `,
      };
    case 'drain':
      return { word: 'drain', question: 'type drain to redirect every node: ' };
    case 'undrain':
      return { word: 'end', question: 'type end to end the drain: ' };
    case 'override':
      return { word: 'override', question: 'type override to allow deletions: ' };
    case 'log':
      return {
        word: asked.level,
        question: `type ${asked.level} to set LogLevel=${asked.level} in ddns.conf: `,
      };
    case 'discard':
      return { word: 'discard', question: 'type discard to discard unsaved changes: ' };
    case 'quit':
      return { word: 'quit', question: 'type quit to quit without saving ddns.conf: ' };
  }
}

/** The number of hosts is part of the word, so that the operator has read it. */
function removalConfirmation({ addresses, hidden = 0 }: Asked & { action: 'remove' }): {
  word: string;
  question: string;
} {
  const [only] = addresses;
  const covered = hidden === 0 ? '' : `, ${hidden} hidden by the filter`;
  if (only !== undefined && addresses.length === 1)
    return { word: 'remove', question: `type remove to remove ${safe(only, 64)}${covered}: ` };
  const word = `remove ${addresses.length}`;
  // The names come last: a narrow window cuts them.
  const hosts = `${count(addresses.length)} marked hosts${covered}`;
  return { word, question: `type ${word} to remove ${hosts} (${named(addresses)}): ` };
}

/** The action of the open prompt once its word is typed; null before that. */
export function confirmed({
  prompt,
  readOnly,
}: {
  prompt: Prompt | null;
  readOnly: boolean;
}): Asked | null {
  if (prompt?.kind !== 'confirm' || readOnly) return null;
  return prompt.text.trim() === confirmation(prompt.asked).word ? prompt.asked : null;
}

/** The prompt after reconnecting: a question about a connection goes, because ids may now be other connections'. */
export function promptAfterAttach(prompt: Prompt | null): Prompt | null {
  return prompt?.kind === 'confirm' && prompt.asked.action === 'close' ? null : prompt;
}

/** Characters kept: a filter has 200, a view's name before it a few, an address 47, a line of ddns.conf 4,096. */
const maxPrompt = { filter: 200, confirm: 200, palette: 250, setting: 4_096 };

/** The prompt with another text, cut to its longest. */
export function promptText(prompt: Prompt, text: string): Prompt {
  const typed = { ...prompt, text: [...text].slice(0, maxPrompt[prompt.kind]).join('') };
  return typed.kind === 'palette' ? { ...typed, chosen: 0 } : typed;
}

/** `text` typed or pasted at the end: its first line, without control characters. */
export function typeInto(prompt: Prompt, text: string): Prompt {
  const line = text.split(/[\r\n]/, 1)[0] ?? '';
  return promptText(prompt, prompt.text + line.replace(/[\u0000-\u001f\u007f-\u009f]/g, ''));
}

/** Without the last character. */
export function eraseCharacter(prompt: Prompt): Prompt {
  return promptText(prompt, [...prompt.text].slice(0, -1).join(''));
}

/** Without the last word. */
export function eraseWord(prompt: Prompt): Prompt {
  return promptText(prompt, prompt.text.replace(/\S*\s*$/, ''));
}
