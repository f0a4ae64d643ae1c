// The one chart pen of the program, loaded after the first frame; until then charts are blank.
import { useSyncExternalStore } from 'react';
import type { ChartPen } from './offscreen.ts';

let pen: ChartPen | null = null;
const listeners = new Set<() => void>();

/** Called once the console's first frame is on the screen. */
export async function preparePen(): Promise<void> {
  if (pen !== null) return;
  const { loadChartPen } = await import('./offscreen.ts');
  pen = loadChartPen();
  for (const listener of [...listeners]) listener();
}

export function usePen(): ChartPen | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => pen,
  );
}
