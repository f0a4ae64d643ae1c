// The last line: the open prompt, else the notice of the last action if one line is enough for it, else the keys that do
// something now.
import { Box } from 'ink';
import type { ReactElement } from 'react';
import { useSelected } from '../components/following.ts';
import { Prompt } from '../components/prompt.tsx';
import { Parts, Styled } from '../components/styled.tsx';
import { bindings } from '../console/bindings.ts';
import type { ConsoleState } from '../console/console-state.ts';
import { type ConsoleBinding, hintsFor } from '../console/key-lookup.ts';
import { confirmation } from '../state/confirmation.ts';
import { columnsOf, cut, safe } from '../text/columns.ts';
import type { TextPart } from '../theme.ts';
import { longNotice } from './panel.tsx';

export function Footer(): ReactElement {
  const { prompt, notice, width } = useSelected((state: ConsoleState) => ({
    prompt: state.prompt,
    notice: longNotice(state).length > 0 ? null : state.notice,
    width: state.size.columns,
  }));
  const isAsked = prompt?.kind === 'filter' || prompt?.kind === 'confirm';
  const hints = useSelected((state: ConsoleState) =>
    hintsWithin(state, isAsked ? Math.floor(width / 2) : width),
  );
  if (isAsked) {
    const label =
      prompt.kind === 'filter' ? ' filter: ' : ` type ${confirmation(prompt.asked).word}: `;
    const columns = width - columnsIn(hints);
    return (
      <Box width={width}>
        <Prompt
          field={prompt}
          label={label}
          labelAs={prompt.kind === 'confirm' ? 'bad' : 'accent'}
          width={columns}
        />
        <Hints hints={hints} />
      </Box>
    );
  }
  if (notice !== null)
    return <Styled as={notice.tone}>{` ${cut(safe(notice.text, 400), width - 2)}`}</Styled>;
  return <Hints hints={hints} />;
}

function Hints({ hints }: { hints: readonly ConsoleBinding[] }): ReactElement {
  return (
    <Parts
      parts={hints.flatMap((hint): TextPart[] => [
        [' '],
        [keysOf(hint), 'accent'],
        [' '],
        [hint.label, 'label'],
        ['  '],
      ])}
    />
  );
}

const alwaysNamed = new Set(['retry', 'resume', 'help', 'quit']);

/** The hints that fit. Some are always shown; the others give way to them. */
function hintsWithin(state: ConsoleState, width: number): ConsoleBinding[] {
  const all = hintsFor(bindings, state);
  const kept = all.filter(({ label }) => alwaysNamed.has(label));
  const reserved = columnsIn(kept);
  let used = 0;
  return all.filter((hint) => {
    const columns = columnsIn([hint]);
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

function columnsIn(hints: readonly ConsoleBinding[]): number {
  return hints.reduce((sum, hint) => sum + columnsOf(keysOf(hint)) + columnsOf(hint.label) + 4, 0);
}
