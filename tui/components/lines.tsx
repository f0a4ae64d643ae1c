// Prepared lines of styled text, placed by Ink, and what every component knows without being given it. Ink
// measures and wraps each text that it has not seen lately, and here most texts are new every second. So Ink
// gets a block of blanks, the same for every frame, and a transform puts the lines in.
import { Text, Transform } from 'ink';
import { createContext, type ReactElement, useContext } from 'react';
import { createTheme, dimmed, type Theme } from '../theme.ts';

export const ThemeContext = createContext<Theme>(createTheme({}));
/** Whether data on the screen are out of date: then they are dimmed. */
export const StaleContext = createContext(false);
/** Whether a screen reader speaks the lines. Ink has a mode for that too, which leaves out every transform. */
export const ReadContext = createContext(false);

/** The theme of the program. */
export function useTheme(): Theme {
  return useContext(ThemeContext);
}

interface LinesProps {
  /** each at most `width` columns wide */
  lines: readonly string[];
  width: number;
  /** never dimmed; by default lines are while data are out of date */
  steady?: boolean;
  /** what a screen reader speaks instead, where `lines` only make sense to the eye */
  read?: readonly string[];
}

/** A block of prepared lines. */
export function Lines({ lines, width, steady = false, read }: LinesProps): ReactElement | null {
  const isDimmed = useContext(StaleContext) && !steady;
  const isRead = useContext(ReadContext);
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

/** What a view shows before the first snapshot. */
export function WaitingLines({ width }: { width: number }): ReactElement {
  const text = useTheme().paint('label', 'waiting for the name server …');
  return <Lines lines={['', text]} width={width} />;
}
