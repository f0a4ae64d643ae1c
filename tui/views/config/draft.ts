// What the operator has changed of ddns.conf and not saved: a whole text from the editor, settings by
// name, or settings on top of a text. Secrets in it are masked as the daemon masked them.
// Invariant: an edit is never the same as what the text below it says.
import {
  type ConfDocument,
  findSettings,
  formatConf,
  parseConf,
  setValue,
  unsetValue,
} from '../../../shared/config/conf-file.ts';
import { mergeTexts } from '../../../shared/config/difference.ts';
import { keptValue } from '../../../shared/config/masked-text.ts';
import type { ConfigChange, ConfigResult } from '../../../shared/ipc/config-contract.ts';

export interface Draft {
  /** null: the file's own */
  text: string | null;
  /** by name; null takes the setting out, so that its default holds */
  edits: ReadonlyMap<string, string | null>;
}

export const noDraft: Draft = { text: null, edits: new Map() };

export function isEmpty({ text, edits }: Draft): boolean {
  return text === null && edits.size === 0;
}

/** @param value must be one that the format can hold */
export function withEdit(draft: Draft, file: string, name: string, value: string | null): Draft {
  const edits = new Map(draft.edits);
  if (valueIn(parseConf(draft.text ?? file), name) === value) edits.delete(name);
  else edits.set(name, value);
  return { ...draft, edits };
}

export function withoutEdit(draft: Draft, name: string): Draft {
  const edits = new Map(draft.edits);
  edits.delete(name);
  return { ...draft, edits };
}

/** The text that would be saved. */
export function draftText({ text, edits }: Draft, file: string): string {
  let document = parseConf(text ?? file);
  for (const [name, value] of edits)
    document = value === null ? unsetValue(document, name) : setValue(document, name, value);
  return formatConf(document);
}

/** What the daemon is asked for: by name where it can be, so that it fits a file that has changed. */
export function changeOf(draft: Draft, file: string): ConfigChange {
  if (draft.text !== null) return { text: draftText(draft, file) };
  return { edits: [...draft.edits].map(([name, value]) => ({ name, value })) };
}

/** The edited text with what somebody else changed; null when both changed the same lines. */
export function mergedText(
  { text }: Draft,
  base: ConfigResult | null,
  newer: ConfigResult | null,
): string | null {
  if (base?.text == null || newer?.text == null || text === null) return null;
  return mergeTexts(base.text, text, newer.text);
}

/** What a setting is in a text; null when it is not in there. */
export function valueIn(document: ConfDocument, name: string): string | null {
  return findSettings(document, name).at(-1)?.setting.value ?? null;
}

/** How a value is shown: never a secret, also not one that was just typed. */
export function shownSetting(name: string, value: string): string {
  if (name !== 'Secret' || value.toLowerCase() === 'none') return value;
  return value === keptValue ? 'set' : 'new value';
}
