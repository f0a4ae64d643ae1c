// Writes frames to the terminal. The painter gets whole frames; it holds the newest back until the next slot (at most
// `maxFps` a second) and writes only what differs from the screen.
import type { Adapt } from './adapt.ts';
import { diffFrame, type Size } from './frame-diff.ts';

/** Nobody sees more frames a second, and a slow link would queue them. */
const maxFps = 12;
const slotMs = Math.ceil(1000 / maxFps);

/** Synchronized update: a terminal that supports it shows the frame at once, others ignore it. */
const beginUpdate = '\u001b[?2026h';
const endUpdate = '\u001b[?2026l';

/** Smaller frames arrive in one packet anyway, and the marks would outweigh them. */
const synchronizeFromBytes = 256;

interface Painter {
  /** The frame that is to be on the screen. */
  show(lines: readonly string[]): void;
  /** Frames may be written from now on; what is on the screen is unknown. */
  start(): void;
  /** Nothing is written until `start`. */
  stop(): void;
  /** Call it for a key: the next frame that differs, which answers it, is written without waiting. */
  hurry(): void;
  /** Call it when the screen was disturbed or resized: the next frame is written whole. */
  repaint(): void;
}

/** @param adapt makes of a frame what the terminal can show */
export function createPainter(
  output: { write(text: string): unknown },
  size: () => Size,
  adapt: Adapt = (frame) => frame,
): Painter {
  let running = false;
  let shown: readonly string[] | null = null;
  let frame: readonly string[] | null = null;
  let timer: NodeJS.Timeout | undefined;
  let hurried = false;
  let lastWrite = Number.NEGATIVE_INFINITY;

  const paint = () => {
    timer = undefined;
    if (!running || frame === null) return;
    const bytes = diffFrame(shown, frame, size());
    shown = frame;
    if (bytes === '') return;
    hurried = false;
    lastWrite = performance.now();
    output.write(
      bytes.length < synchronizeFromBytes ? bytes : `${beginUpdate}${bytes}${endUpdate}`,
    );
  };
  const schedule = () => {
    if (!running) return;
    if (hurried) {
      clearTimeout(timer);
      paint();
      return;
    }
    if (timer !== undefined) return;
    const waitMs = lastWrite + slotMs - performance.now();
    if (waitMs <= 0) paint();
    else timer = setTimeout(paint, waitMs);
  };

  return {
    show: (lines) => {
      frame = adapt(lines.join('\n')).split('\n');
      schedule();
    },
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
