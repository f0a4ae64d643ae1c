// A store as a slow terminal can follow it: nobody is told of a change while the terminal has not taken what was
// written before, so that frames do not queue; then, once, of all changes.
import type { Store } from '../state/common-state.ts';

/** The store for what is drawn on `output`. */
export function paced<S, A>(store: Store<S, A>, output: NodeJS.WriteStream): Store<S, A> {
  const listeners = new Set<() => void>();
  const tell = () => {
    if (!output.writableNeedDrain) for (const listener of [...listeners]) listener();
  };
  store.subscribe(tell);
  output.on('drain', tell);
  return {
    ...store,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
