// Prepared lines of styled text, placed by Ink. Ink measures and wraps each text that it has not seen
// lately, and here most texts are new every second. So it gets a block of blanks, the same for every
// frame, and a transform puts the lines in.
import { Text, Transform } from 'ink';
import type { ReactElement } from 'react';
import { isStale } from '../state/freshness.ts';
import { dimmed } from '../theme.ts';
import { useIsRead, useSelected } from './console-context.ts';

export interface LinesProps {
  /** each at most `width` columns wide */
  lines: readonly string[];
  width: number;
  /** shown as it is even when it is stale; by default such data is dimmed */
  steady?: boolean;
  /** what a screen reader speaks instead, where `lines` only make sense to the eye */
  read?: readonly string[];
}

export function Lines({ lines, width, steady = false, read }: LinesProps): ReactElement | null {
  const isDimmed = useSelected(isStale) && !steady;
  const isRead = useIsRead();
  const chosen = isRead && read ? read : lines;
  if (chosen.length === 0 || width <= 0) return null;
  const shown = isDimmed ? chosen.map(dimmed) : chosen;
  const row = ' '.repeat(width);
  return (
    <Transform transform={(_blank, index) => shown[index] ?? ''}>
      <Text wrap="truncate">{chosen.map(() => row).join('\n')}</Text>
    </Transform>
  );
}
