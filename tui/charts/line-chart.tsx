// A line chart with its title, drawn again only when a bucket ends.
import { Box } from 'ink';
import { memo, type ReactElement, useContext, useMemo } from 'react';
import type { Sample } from '../../shared/ipc/status-contract.ts';
import { Paragraph, ReadContext, Rows, Styled, ThemeContext } from '../components/styled.tsx';
import { columnsOf, cut } from '../text/columns.ts';
import { count, rate } from '../text/format.ts';
import type { Theme } from '../theme.ts';
import { axisColumns, type ChartPen, columnOf, footRows, usePen } from './pen.ts';
import {
  bucketAt,
  bucketText,
  type ChartMember,
  type ChartWindow,
  type Series,
  scaleFor,
  seriesOf,
  shortCount,
} from './series.ts';

export interface ChartSpec {
  member: ChartMember;
  title: string;
  /** its values are counts of a bucket, which the title says; false by default */
  isPerBucket?: boolean;
  /** one of the terminal's own colours */
  colour: string;
  /** samples by which its buckets are shifted, so that not all charts are drawn in the same second */
  phase: number;
}

const noCharts = 'no charts: blessed is not installed';

/** A label such as `-5m` with the space that the widget wants around it. */
const labelColumns = 6;

interface LineChartProps {
  spec: ChartSpec;
  /** spanning as many seconds each as those of `window` */
  samples: readonly Sample[];
  window: ChartWindow;
  /** at the right of the title: the value now */
  now: string;
  /** a time that is looked at, and how it is written; null by default: the end */
  moment?: { at: number; text: string } | null;
  columns: number;
  /** including the title */
  rows: number;
}

/** Blank until the pen is loaded. */
export function LineChart(props: LineChartProps): ReactElement {
  const { spec, samples, window, now, moment = null, columns, rows } = props;
  const theme = useContext(ThemeContext);
  // A picture cannot be read out.
  const pen = usePen(!useContext(ReadContext));
  const series = useMemo(
    () => seriesOf(samples, spec.member, spec.phase, window),
    [samples, spec, window],
  );
  const key = JSON.stringify([series, columns, rows]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the series
  const picture = useMemo(() => {
    if (pen === 'loading') return [];
    if (pen === 'missing') return ['', theme.paint('label', noCharts)];
    return chartLines(pen, theme, { spec, series, window }, columns, rows - 1);
  }, [key, pen, theme, spec, window]);
  const perBucket = spec.isPerBucket ? ` per ${bucketText(window)}` : '';
  const title = cut(`${spec.title}${perBucket} · ${window.title}`, columns);
  const bucket = moment && bucketAt(moment.at, samples, spec.phase, window);
  return (
    <Box width={columns} height={rows} flexDirection="column">
      <Box justifyContent="space-between">
        <Styled as="strong">{title}</Styled>
        <Styled as={moment ? 'accent' : 'label'}>
          {momentText(spec, series, bucket, moment?.text, columns - columnsOf(title)) ?? now}
        </Styled>
      </Box>
      <Picture lines={picture} />
      {bucket !== null && (
        <MomentLine
          rows={picture.length - footRows}
          left={columnOf(bucket, { columns, values: series.values })}
        />
      )}
    </Box>
  );
}

/** What the pen drew; drawn again only when it drew something else. */
const Picture = memo(function Picture({ lines }: { lines: readonly string[] }): ReactElement {
  return <Rows rows={lines.map((line) => [[line]])} />;
});

/** The value at the time that is looked at, and the time where it has room; null: none is looked at. */
function momentText(
  { member }: ChartSpec,
  { values, unknown }: Series,
  bucket: number | null,
  time: string | undefined,
  room: number,
): string | null {
  if (time === undefined) return null;
  const value = bucket === null || bucket < unknown ? undefined : values[bucket];
  const isRate = member === 'registered' || member === 'requests';
  const text = value === undefined ? 'unknown' : isRate ? rate(value) : count(value);
  const long = `${text} at ${time}`;
  return columnsOf(long) < room ? long : text;
}

function MomentLine({ rows, left }: { rows: number; left: number }): ReactElement | null {
  if (rows <= 0) return null;
  return (
    <Box position="absolute" marginTop={1} marginLeft={left} flexDirection="column">
      <Paragraph lines={new Array(rows).fill('│')} as="accent" />
    </Box>
  );
}

function chartLines(
  pen: ChartPen,
  theme: Theme,
  { spec, series, window }: { spec: ChartSpec; series: Series; window: ChartWindow },
  columns: number,
  rows: number,
): string[] {
  const steps = rows >= 11 ? 4 : 2;
  const top = scaleFor(Math.max(...series.values), steps);
  const lines = pen.draw({
    columns,
    rows,
    values: series.values,
    unknown: series.unknown,
    labels: window.labels,
    everyLabel: everyLabel(window, columns - axisColumns),
    max: top,
    steps,
    colour: spec.colour,
  });
  return lines.map((line, row) =>
    row === 0 ? withMaximum(theme, theme.picture(line), top) : theme.picture(line),
  );
}

/** The library writes the other labels of the scale, but not the uppermost. */
function withMaximum(theme: Theme, line: string, max: number): string {
  const label = shortCount(max).padEnd(axisColumns - 1);
  const isBlank = line.startsWith(' '.repeat(label.length));
  return isBlank ? theme.paint('label', label) + line.slice(label.length) : line;
}

/** Every label if they fit, else every second one and so on. */
function everyLabel({ buckets, labelBuckets }: ChartWindow, columns: number): number {
  const fitting = Math.max(1, Math.floor(columns / labelColumns));
  return labelBuckets * Math.ceil(buckets / labelBuckets / fitting);
}
