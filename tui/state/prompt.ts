// The line in which the operator types: the filter of a view, applied as it is typed, the word that confirms an
// action, the value of a setting, or what the palette or the help shall find.
import { type Asked, confirmation } from './confirmation.ts';
import { editField, type FieldEdit, type TextField } from './text-field.ts';

/** Texts that were entered before, the newest first, while one of them stands in the prompt. */
interface Recalled {
  /** how many entries back the text is; 0 by default: it is being typed */
  back?: number;
  /** what was being typed */
  draft?: string;
}

export type Prompt = TextField &
  (
    | ({ kind: 'filter' /** the filter to return to on Escape */; before: string } & Recalled)
    /** `hits`: what the action hits, one a line; nothing by default, when its title says it */
    | { kind: 'confirm'; asked: Asked; hits?: readonly string[] }
    /** `chosen`: row of the chosen action among those that the text finds */
    | ({ kind: 'palette'; chosen: number } & Recalled)
    /** `top`: the first line in sight */
    | { kind: 'help'; top: number }
    | { kind: 'setting'; name: string /** the text at the beginning */; before: string }
  );

/** Texts that were entered, the newest first, for each prompt that recalls them. */
export type History = Readonly<Record<'filter' | 'palette', readonly string[]>>;

export const noHistory: History = { filter: [], palette: [] };

/** Entries kept of each. */
const maxHistory = 50;

/** The history with what is in the prompt, once each, as its newest entry. */
export function remembered(history: History, prompt: Prompt | null): History {
  if (prompt?.kind !== 'filter' && prompt?.kind !== 'palette') return history;
  const text = prompt.text.trim();
  if (text === '') return history;
  const others = history[prompt.kind].filter((each) => each !== text);
  return { ...history, [prompt.kind]: [text, ...others].slice(0, maxHistory) };
}

/** The prompt with an older (1) or newer (-1) entry, in the end with what was being typed; null: there is none. */
export function recalled(prompt: Prompt, history: History, by: 1 | -1): Prompt | null {
  if (prompt.kind !== 'filter' && prompt.kind !== 'palette') return null;
  const { back = 0, draft = prompt.text } = prompt;
  const entries = [draft, ...history[prompt.kind]];
  const text = entries[back + by];
  if (text === undefined) return null;
  const field = { text, afterCaret: 0, back: back + by, draft };
  return prompt.kind === 'palette' ? { ...prompt, ...field, chosen: 0 } : { ...prompt, ...field };
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
const maxPrompt = { filter: 200, confirm: 200, palette: 250, help: 100, setting: 4_096 };

/** The prompt after a change of its text or caret. */
export function edited(prompt: Prompt, edit: FieldEdit): Prompt {
  const field = editField(prompt, edit, maxPrompt[prompt.kind]);
  const next = { ...prompt, ...field };
  if (field.text === prompt.text) return next;
  if (next.kind === 'palette') return { ...next, chosen: 0, back: 0, draft: undefined };
  if (next.kind === 'filter') return { ...next, back: 0, draft: undefined };
  return next.kind === 'help' ? { ...next, top: 0 } : next;
}

/** The prompt with another text, the caret at its end. */
export function promptText(prompt: Prompt, text: string): Prompt {
  return edited({ ...prompt, text: '', afterCaret: 0 }, { type: 'insert', text });
}

/** `text` typed or pasted at the caret: its first line, without control characters. */
export function typeInto(prompt: Prompt, text: string): Prompt {
  const line = text.split(/[\r\n]/, 1)[0] ?? '';
  const typed = line.replace(/[\u0000-\u001f\u007f-\u009f]/g, '');
  return edited(prompt, { type: 'insert', text: typed });
}
