// blessed-contrib's line chart, drawn on its canvas alone, and taken from that as lines of text with colours. The
// program has one such pen, loaded after the first frame with a chart because that takes longer than all of that frame;
// until then charts are blank. Nothing else knows blessed.
import { createRequire } from 'node:module';
import { PassThrough } from 'node:stream';
import { useCallback, useSyncExternalStore } from 'react';

/** `missing`: it cannot be loaded, so there are no charts; everything else works. */
type PenState = ChartPen | 'loading' | 'missing';

let pen: PenState = 'loading';
const listeners = new Set<() => void>();

/** Time for the frame with the first chart to reach the screen, and for keys that were typed early. */
const waitMs = 50;

export function preparePen(): void {
  if (pen !== 'loading') return;
  try {
    pen = loadChartPen();
  } catch {
    pen = 'missing';
  }
  for (const listener of [...listeners]) listener();
}

/**
 * The pen, or why there is none; a component draws again when that changes.
 * @param isWanted whether to load it soon
 */
export function usePen(isWanted: boolean): PenState {
  const subscribe = useCallback(
    (listener: () => void) => {
      const timer = isWanted ? setTimeout(preparePen, waitMs) : undefined;
      listeners.add(listener);
      return () => {
        clearTimeout(timer);
        listeners.delete(listener);
      };
    },
    [isWanted],
  );
  return useSyncExternalStore(subscribe, () => pen);
}

interface Widget {
  /** there once the widget is on a screen */
  ctx: { _canvas: { frame(): string } };
  setData(data: unknown): void;
  destroy(): void;
}

interface LineChartDrawing {
  /** width and height of the picture */
  columns: number;
  rows: number;
  values: readonly number[];
  /** how many values, from the first on, only keep their place blank */
  unknown: number;
  /** one for each value; blank: none */
  labels: readonly string[];
  /** every how many labels one is drawn, from the first on */
  everyLabel: number;
  /** top of the scale, and how many labels it has, zero included */
  max: number;
  steps: number;
  colour: string;
}

export interface ChartPen {
  /** Exactly `rows` lines of `columns` columns. */
  draw(chart: LineChartDrawing): string[];
}

/** Columns of the scale's labels and the axis. */
export const axisColumns = 6;
/** Rows under the data: the axis and the labels. */
export const footRows = 2;

/** The column in which a value is drawn. */
export function columnOf(
  index: number,
  { columns, values }: Pick<LineChartDrawing, 'columns' | 'values'>,
): number {
  return axisColumns + Math.floor(((columns - axisColumns) * index) / values.length);
}

/** The widget leaves six columns at its right and three rows at its bottom blank. */
const unusedColumns = 6;
const unusedRows = 3;
/** Dots (half columns) to the left of the axis, for labels such as `1.2k`. */
const labelDots = 10;

/** Of the widget's dots, four a row, those at the bottom for axis and labels. */
const footDots = 19;
/** The widget draws lines two dots above their values, the highest ones outside the picture; a little more keeps them
 * inside despite rounding. */
const raisedDots = 2.01;

const signals = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'exit', 'uncaughtException'] as const;

/** Loads blessed. @throws Error when it is not installed */
export function loadChartPen(): ChartPen {
  // blessed cannot be bundled: it requires its files by computed names.
  const require = createRequire(import.meta.url);
  const before = signals.map((name) => process.rawListeners(name));
  const blessed = require('blessed') as {
    screen(options: object): { append(widget: Widget): void };
  };
  const line = require('blessed-contrib/lib/widget/charts/line.js') as (options: object) => Widget;
  const output = new PassThrough();
  output.resume();
  // Widgets need one.
  const screen = blessed.screen({
    input: new PassThrough(),
    output,
    terminal: 'xterm-256color',
  });
  // blessed would handle SIGTERM and exit before the console restored the terminal.
  for (const [index, name] of signals.entries())
    for (const listener of process.rawListeners(name))
      if (!before[index]?.includes(listener))
        process.removeListener(name, listener as (...parameters: unknown[]) => void);

  return {
    draw: (chart) => {
      const plotDots = (chart.rows + unusedRows) * 4 - footDots;
      const lowered = (plotDots - raisedDots) / plotDots;
      const widget = line({
        screen,
        left: 0,
        top: 0,
        width: chart.columns + unusedColumns,
        height: chart.rows + unusedRows,
        style: { line: chart.colour, text: 'white', baseline: 'white' },
        xPadding: labelDots,
        xLabelPadding: labelDots,
        numYLabels: chart.steps,
        showNthLabel: chart.everyLabel,
        maxY: chart.max,
        abbreviate: true,
      });
      screen.append(widget);
      widget.setData([
        {
          x: chart.labels.map((label) => (label === '' ? ' ' : label)),
          y: chart.values.map((value) => value * lowered),
          style: { line: chart.colour },
        },
      ]);
      const lines = widget.ctx._canvas.frame().split('\n').slice(0, chart.rows);
      widget.destroy();
      const known = columnOf(chart.unknown, chart);
      return lines.map((text, row) =>
        compact(row < chart.rows - footRows ? from(known, text) : text),
      );
    },
  };
}

/** A character of the canvas, with the codes around it: one has a colour to itself, or is part of a label. */
const cells = /(?:\u001b\[\d+m)*[^\u001b](?:\u001b\[[34]9m)*/g;

/** The line with blanks between the axis and that column. */
function from(column: number, line: string): string {
  const all = line.match(cells) ?? [];
  return (
    all.slice(0, axisColumns).join('') +
    ' '.repeat(column - axisColumns) +
    all.slice(column).join('')
  );
}

/** The line without codes that change nothing: all characters of a line chart have a colour to themselves. */
function compact(line: string): string {
  let last = '';
  return line
    .replace(/\u001b\[39m(?=\u001b\[3)|\u001b\[49m/g, '')
    .replace(/\u001b\[\d+m/g, (code) => {
      const isSame = code === last;
      last = code;
      return isSame ? '' : code;
    });
}
