// The stream that Ink draws on. Ink is asked for whole frames; the painter holds the newest one back
// until the next slot (at most `maxFps` a second) and writes only what differs from the screen.
// Ink's own writer rewrites whole lines, clears the screen when a frame is as tall as the terminal,
// and loses its place when the size changes; this one does none of that.
import { EventEmitter } from 'node:events';
import type { Adapt } from './adapt.ts';
import { diffFrame, type Size } from './frame-diff.ts';

/** More frames than this a second nobody sees, and a slow link would queue them. */
const maxFps = 12;
const slotMs = Math.ceil(1000 / maxFps);

/** Synchronized update: a terminal that knows it shows the frame at once, others ignore it. */
const beginUpdate = '\u001b[?2026h';
const endUpdate = '\u001b[?2026l';

/** Below this a frame arrives in one packet anyway, and the marks would outweigh it. */
const synchronizeFromBytes = 256;

export interface Painter {
  /** What Ink takes for its standard output. */
  readonly stream: NodeJS.WriteStream;
  /** Frames may be written; what is on the screen is not known. */
  start(): void;
  /** Nothing is written until `start`. */
  stop(): void;
  /** A key was pressed: the next frame, which answers it, is written without waiting. */
  hurry(): void;
  /** The screen was disturbed or has another size: the next frame is written whole. */
  repaint(): void;
}

/** @param adapt makes of a frame what the terminal can show */
export function createPainter(
  output: { write(text: string): unknown },
  size: () => Size,
  adapt: Adapt = (frame) => frame,
): Painter {
  let running = false;
  let shown: string[] | null = null;
  let frame: string[] | null = null;
  let timer: NodeJS.Timeout | undefined;
  let hurried = false;
  let lastWrite = Number.NEGATIVE_INFINITY;

  const paint = () => {
    timer = undefined;
    if (!running || frame === null) return;
    const bytes = diffFrame(shown, frame, size());
    shown = frame;
    if (bytes === '') return;
    lastWrite = performance.now();
    output.write(
      bytes.length < synchronizeFromBytes ? bytes : `${beginUpdate}${bytes}${endUpdate}`,
    );
  };
  const schedule = () => {
    if (!running) return;
    if (hurried) {
      hurried = false;
      clearTimeout(timer);
      paint();
      return;
    }
    if (timer !== undefined) return;
    const waitMs = lastWrite + slotMs - performance.now();
    if (waitMs <= 0) paint();
    else timer = setTimeout(paint, waitMs);
  };
  const write = (text: string) => {
    frame = adapt(text).split('\n');
    schedule();
    return true;
  };

  return {
    stream: frameStream(write, size),
    start: () => {
      running = true;
      shown = null;
      schedule();
    },
    stop: () => {
      running = false;
      clearTimeout(timer);
      timer = undefined;
    },
    hurry: () => {
      hurried = true;
    },
    repaint: () => {
      shown = null;
      schedule();
    },
  };
}

/** Just as much of a terminal's stream as Ink looks at. */
function frameStream(write: (text: string) => boolean, size: () => Size): NodeJS.WriteStream {
  const stream = Object.assign(new EventEmitter(), { isTTY: false, write });
  Object.defineProperties(stream, {
    columns: { get: () => size().columns },
    rows: { get: () => size().rows },
  });
  return stream as unknown as NodeJS.WriteStream;
}
