// Text in the styles of the theme, and the blocks of it that several views have.
import { Box, Text } from 'ink';
import { createContext, memo, type ReactElement, useContext } from 'react';
import { columnsOf, cut, fitted, safe } from '../text/columns.ts';
import { wrap } from '../text/wrap.ts';
import { createTheme, type TextPart, type Theme, type Token } from '../theme.ts';

export const ThemeContext = createContext<Theme>(createTheme());
/** Makes of a line what the terminal can show. */
export const AdaptContext = createContext<(line: string) => string>((line) => line);
/** Whether data on the screen are out of date: then they are dimmed, whatever their style. */
export const StaleContext = createContext(false);
/** Whether a screen reader speaks the lines. */
export const ReadContext = createContext(false);
/** Columns of the pane that is written in: longer text is cut with a sign that the terminal has, unless it is read. */
export const WidthContext = createContext(Number.POSITIVE_INFINITY);

/** What gives a text its style, in characters that the terminal has. */
function usePaint(): (text: string, as?: Token | null) => string {
  const theme = useContext(ThemeContext);
  const adapt = useContext(AdaptContext);
  const isStale = useContext(StaleContext);
  return (text, as = null) =>
    adapt(isStale ? theme.stale(text) : as === null ? text : theme.paint(as, text));
}

/** One line, which most often is as before; Ink gives none to a text without a character. */
const Line = memo(function Line({ text }: { text: string }): ReactElement {
  return <Text wrap="truncate">{text || ' '}</Text>;
});

interface StyledProps {
  /** plain by default */
  as?: Token | null;
  children: string;
}

/** One line of text in one style, cut at the end of its pane. */
export function Styled({ as, children }: StyledProps): ReactElement {
  const paint = usePaint();
  const width = useContext(WidthContext);
  const isRead = useContext(ReadContext);
  return <Line text={paint(isRead ? children : cut(children, width), as)} />;
}

export function Parts({ parts }: { parts: readonly TextPart[] }): ReactElement {
  const paint = usePaint();
  return <Line text={parts.map(([text, as]) => paint(text, as)).join('')} />;
}

/** Lines of parts, one below the other. */
export function Rows({ rows }: { rows: readonly (readonly TextPart[])[] }): ReactElement[] {
  // biome-ignore lint/suspicious/noArrayIndexKey: a line is what stands in its row
  return rows.map((parts, row) => <Parts key={row} parts={parts} />);
}

export function Blank(): ReactElement {
  return <Line text="" />;
}

/** What a view shows before the first snapshot. */
export function Waiting(): ReactElement {
  return <Paragraph lines={['', 'waiting for the name server …']} as="label" />;
}

interface ParagraphProps {
  lines: readonly string[];
  /** plain by default */
  as?: Token | null;
}

/** Lines in one style, such as those of a paragraph. */
export function Paragraph({ lines, as }: ParagraphProps): ReactElement[] {
  return lines.map((line, row) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a line is what stands in its row
    <Styled key={row} as={as}>
      {line}
    </Styled>
  ));
}

interface WrappedProps extends Pick<StyledProps, 'as'> {
  text: string;
  /** most of them; the last one is cut */
  lines: number;
  /** most columns of a line, where the pane has more; all by default */
  width?: number;
}

/** Text in one style, in as many lines as it needs. */
export function Wrapped({ as, text, lines, width = Infinity }: WrappedProps): ReactElement {
  const room = Math.min(width, useContext(WidthContext));
  return <Paragraph lines={wrap(text, room, lines)} as={as} />;
}

/** Columns of a summary that its other words may need beside the filter. */
const otherColumns = 40;

interface SummaryProps {
  /** how many rows there are */
  text: string;
  /** the filter that leaves them; empty by default */
  filter?: string;
  /** at the end of the line, whatever else has room; empty by default */
  marked?: string;
  /** at the end of the line; left out when both do not fit */
  right?: string;
  /** `label` by default */
  rightAs?: Token;
}

export function Summary(props: SummaryProps): ReactElement {
  const { text, filter = '', marked = '', right = '', rightAs = 'label' } = props;
  const width = useContext(WidthContext);
  const words = filter === '' ? '' : cut(safe(filter), width - otherColumns - marked.length);
  const matching = filter === '' ? '' : '  matching ';
  const free = width - columnsOf(text + matching + words + marked);
  const gap = marked === '' || right === '' ? '' : '   ';
  const shown = columnsOf(gap + right) < free ? gap + right : '';
  return (
    <Parts
      parts={[
        [text, 'strong'],
        [matching, 'label'],
        [words, 'accent'],
        [' '.repeat(Math.max(0, free - columnsOf(shown)))],
        [marked, 'accent'],
        [shown, rightAs],
      ]}
    />
  );
}

/** What is known of something: a label, and a text in at most so many lines, one by default. */
export type Fact = readonly [label: string, value: string, tone?: Token | null, lines?: number];

interface FactListProps {
  facts: readonly Fact[];
  /** 12 by default */
  labelColumns?: number;
  /** most of them: the last fact that fits is cut, those behind it are left out; by default there is room for all */
  rows?: number;
}

export function FactList(props: FactListProps): ReactElement[] {
  const { facts, labelColumns = 12, rows = Infinity } = props;
  const width = Math.max(1, useContext(WidthContext) - labelColumns);
  return factsWithin(facts, width, rows).map(([label, value, tone, lines = 1]) => (
    <Box key={label} flexShrink={0}>
      <Styled as="label">{fitted(label, labelColumns)}</Styled>
      <Box flexDirection="column">
        <WidthContext value={width}>
          <Wrapped as={tone} text={value} lines={lines} />
        </WidthContext>
      </Box>
    </Box>
  ));
}

function factsWithin(facts: readonly Fact[], width: number, rows: number): Fact[] {
  let left = rows;
  return facts.flatMap(([label, value, tone, lines = 1]): Fact[] => {
    const limit = Math.min(lines, left);
    if (limit <= 0) return [];
    left -= wrap(value, width, limit).length;
    return [[label, value, tone, limit]];
  });
}

export function Facts({ title, ...list }: FactListProps & { title: string }): ReactElement {
  return (
    <>
      <Styled as="strong">{title}</Styled>
      <FactList {...list} />
    </>
  );
}
