// The one chart pen of the program, loaded after the first frame; until then charts are blank.
import { useSyncExternalStore } from 'react';
import type { ChartPen } from './offscreen.ts';

/** `missing` when it cannot be loaded: then there are no charts, and the rest works. */
export type PenState = ChartPen | 'loading' | 'missing';

let pen: PenState = 'loading';
const listeners = new Set<() => void>();

let preparing: Promise<void> | null = null;

/** Called once the console's first frame is on the screen. There is only ever one pen. */
export function preparePen(): Promise<void> {
  preparing ??= load();
  return preparing;
}

async function load(): Promise<void> {
  const { loadChartPen } = await import('./offscreen.ts');
  try {
    pen = loadChartPen();
  } catch {
    pen = 'missing';
  }
  for (const listener of [...listeners]) listener();
}

export function usePen(): PenState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => pen,
  );
}
