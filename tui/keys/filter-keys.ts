// The keys by which a view's rows are filtered, the same in every view that has rows.
import { type FilteredView, filterOf } from '../console/filters.ts';
import type { Binding } from './binding.ts';

/** @param rows what the view shows, as the help names it: `hosts` */
export function filterKeys(scope: FilteredView, rows: string): Binding[] {
  return [
    {
      scope,
      keys: ['/'],
      shown: '/',
      label: 'filter',
      help: 'filter as you type: words that must occur, `!word` must not',
      run: (target) => {
        const filter = filterOf(target.state());
        target.dispatch({
          type: 'prompt',
          prompt: { kind: 'filter', text: filter, before: filter },
        });
      },
    },
    {
      scope,
      keys: ['escape'],
      shown: 'Esc',
      label: 'show all',
      help: `show all ${rows} again`,
      enabled: (state) => filterOf(state) !== '',
      run: (target) => target.dispatch({ type: 'filter', text: '' }),
    },
  ];
}
