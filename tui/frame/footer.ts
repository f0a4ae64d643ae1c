// The last line: the open prompt, else the notice of the last action, else the keys that do something now.

import { atEnds } from '../components/layout.ts';
import { bindings } from '../console/bindings.ts';
import type { ConsoleState } from '../console/console-state.ts';
import { type ConsoleBinding, hintsFor } from '../console/key-lookup.ts';
import type { Notice } from '../state/common-state.ts';
import { confirmation, type Prompt } from '../state/prompt.ts';
import { columnsOf, cut, safe } from '../text/columns.ts';
import type { Theme } from '../theme.ts';

/** The footer: one line. */
export function footerLines(theme: Theme, state: ConsoleState): string[] {
  return [footerLine(theme, state)];
}

function footerLine(theme: Theme, state: ConsoleState): string {
  const width = state.size.columns;
  const hints = hintsLine(theme, state, width);
  // A setting is typed in its own row.
  if (state.prompt && state.prompt.kind !== 'setting')
    return promptLine(theme, state.prompt, hints, width);
  return state.notice ? noticeLine(theme, state.notice, width) : hints;
}

function hintsLine(theme: Theme, state: ConsoleState, width: number): string {
  return hintsWithin(state, width)
    .map((hint) => ` ${theme.paint('accent', keysOf(hint))} ${theme.paint('label', hint.label)}  `)
    .join('');
}

const alwaysNamed = new Set(['retry', 'resume', 'help', 'quit']);

/** The hints that fit. Some are always shown; the others give way to them. */
function hintsWithin(state: ConsoleState, width: number): ConsoleBinding[] {
  const all = hintsFor(bindings, state);
  const kept = all.filter(({ label }) => alwaysNamed.has(label));
  const reserved = kept.reduce((sum, hint) => sum + hintColumns(hint), 0);
  let used = 0;
  return all.filter((hint) => {
    const columns = hintColumns(hint);
    const needed = kept.includes(hint) ? 0 : reserved;
    if (used + columns + needed > width) return false;
    used += columns;
    return true;
  });
}

/** The footer names one key; the help names all. */
function keysOf({ shown, hint }: ConsoleBinding): string {
  return hint ?? shown.split(' ')[0] ?? shown;
}

function hintColumns(binding: ConsoleBinding): number {
  return columnsOf(keysOf(binding)) + columnsOf(binding.label) + 4;
}

/** Space, caret and the last typed characters. */
const minTypedColumns = 5;

function promptLine(
  theme: Theme,
  prompt: Exclude<Prompt, { kind: 'setting' }>,
  hints: string,
  width: number,
): string {
  // The word that confirms is seen as a whole.
  const word = prompt.kind === 'confirm' ? confirmation(prompt.asked).word.length + 3 : 0;
  const question = cut(questionOf(prompt), width - Math.max(minTypedColumns, word));
  const caret = '█';
  const room = width - columnsOf(question) - 2;
  // Of a long text, the end is in sight.
  const characters = [...safe(prompt.text, 400)];
  const typed = characters.slice(Math.max(0, characters.length - room)).join('');
  const tone = prompt.kind === 'confirm' ? 'bad' : 'accent';
  return atEnds(` ${theme.paint(tone, question)}${typed}${caret}`, hints, width);
}

function questionOf(prompt: Exclude<Prompt, { kind: 'setting' }>): string {
  switch (prompt.kind) {
    case 'filter':
      return 'filter: ';
    case 'palette':
      return ':';
    case 'confirm':
      return confirmation(prompt.asked).question;
  }
}

function noticeLine(theme: Theme, notice: Notice, width: number): string {
  return ` ${theme.paint(notice.tone, cut(safe(notice.text, 400), width - 2))}`;
}
