// What a filter finds in a text, set off from the rest of it.
import { filterWords } from '../../shared/filter.ts';
import type { TextPart, Token } from '../theme.ts';

/** What the words of a filter are found by; null: it has none that must occur. */
export function foundBy(filter: string): RegExp | null {
  const words = filterWords(filter).filter(({ isExcluded }) => !isExcluded);
  if (words.length === 0) return null;
  const escaped = words.map(({ text }) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`(${escaped.join('|')})`, 'i');
}

/** @param found sets off what it finds; null: nothing */
export function foundParts(text: string, as: Token | null, found: RegExp | null): TextPart[] {
  if (found === null) return [[text, as]];
  // Every second part is one that was found.
  return text.split(found).map((part, index) => [part, index % 2 ? 'match' : as]);
}
