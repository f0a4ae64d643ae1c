// The line at the bottom where the operator types: the filter of the Hosts view, applied as it is
// typed, or the word that confirms a removal. One line of text with a cursor at its end.
import { setFilter } from '../views/hosts/hosts-state.ts';
import type { ConsoleState } from './console-state.ts';

/** What must be typed before a host is removed. */
export const removeWord = 'remove';

export type Prompt =
  | { kind: 'filter'; text: string /** the filter to return to on Escape */; before: string }
  | { kind: 'remove'; text: string; address: string };

/** Longest text worth keeping: a filter has 200 characters, an address 47. */
const maxPrompt = 200;

export function promptText(prompt: Prompt, text: string): Prompt {
  return { ...prompt, text: [...text].slice(0, maxPrompt).join('') };
}

/** `text` typed or pasted at the end: the first line of it, without what cannot be typed. */
export function typeInto(prompt: Prompt, text: string): Prompt {
  const line = text.split(/[\r\n]/, 1)[0] ?? '';
  return promptText(prompt, prompt.text + line.replace(/[\u0000-\u001f\u007f-\u009f]/g, ''));
}

export function eraseCharacter(prompt: Prompt): Prompt {
  return promptText(prompt, [...prompt.text].slice(0, -1).join(''));
}

export function eraseWord(prompt: Prompt): Prompt {
  return promptText(prompt, prompt.text.replace(/\S*\s*$/, ''));
}

/** Puts `prompt` on the screen; the filter follows what is typed. */
export function reducePrompt(state: ConsoleState, prompt: Prompt | null): ConsoleState {
  const shown = { ...state, prompt };
  return prompt?.kind === 'filter'
    ? { ...shown, hosts: setFilter(state.hosts, prompt.text) }
    : shown;
}
