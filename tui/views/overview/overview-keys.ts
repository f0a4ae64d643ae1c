// Keys of the Overview.
import { bodyColumns, bodyRows } from '../../components/layout.ts';
import { bindingsOf, type Keys } from '../../keys/binding.ts';
import { ask, changing, ipOf, moveKeys } from '../../keys/common-keys.ts';
import { zoneOf } from '../../state/common-state.ts';
import { latestData } from '../../state/shown.ts';
import { dyingText } from '../../text/host-state.ts';
import { overviewLayout } from './overview-layout.ts';
import {
  moveActivity,
  moveMoment,
  selectedActivity,
  turnPage,
  turnSpan,
  type WithOverview,
} from './overview-state.ts';
import { standingLines } from './standing-lines.ts';

const moments: readonly [key: string, help: string, buckets: number][] = [
  ['<', 'look at an earlier time: its values and events', -1],
  ['>', 'look at a later time, in the end now', 1],
  ['{', 'ten steps earlier', -10],
  ['}', 'ten steps later', 10],
];

function hasData({ data }: WithOverview): boolean {
  return data !== null;
}

export const overviewKeys = bindingsOf<WithOverview>('overview', [
  {
    keys: ['o'],
    label: 'override',
    anywhere: true,
    help: 'override self-preservation (asks first)',
    changes: true,
    asks: true,
    enabled: hasData,
    refusal: (state) => {
      const { active = false, overridden = false } =
        latestData(state)?.status.selfPreservation ?? {};
      if (overridden) return 'self-preservation is overridden already';
      return active ? null : 'nothing to override: no deletion is held back';
    },
    run: (target) => {
      const expiry = target.state().data?.status.expiry;
      ask(target, { action: 'override' }, expiry && [dyingText(expiry)]);
    },
  },
  {
    keys: ['w'],
    label: '5 min/1 h',
    help: 'chart the last hour or the last five minutes',
    enabled: hasData,
    run: changing('overview', turnSpan),
  },
  {
    keys: ['c'],
    label: 'charts',
    help: 'show the next charts (when not all fit)',
    enabled: (state) => hasData(state) && pagesIn(state) > 1,
    run: changing('overview', (overview, state) => turnPage(overview, pagesIn(state))),
  },
  ...moments.map(
    ([key, help, buckets]): Keys<WithOverview> => ({
      keys: [key],
      label: key === '<' ? 'back' : '',
      hint: '< >',
      help,
      enabled: hasData,
      run: changing('overview', (_, state) => moveMoment(state, buckets)),
    }),
  ),
  {
    keys: ['enter'],
    label: 'its host',
    help: 'show the host, or the peer, of the selected event',
    enabled: (state) => selectedActivity(state)?.address != null,
    run: (target) => {
      const { kind, address } = selectedActivity(target.state()) ?? {};
      if (address == null) return;
      target.dispatch({ type: 'view', view: kind === 'peer' ? 'peers' : 'hosts' });
      target.dispatch({ type: 'filter', text: kind === 'refused' ? ipOf(address) : address });
    },
  },
  {
    keys: ['escape'],
    help: 'select no event; look at now',
    enabled: ({ overview }) => overview.selected !== null || overview.moment !== null,
    run: changing('overview', (overview) => ({ ...overview, selected: null, moment: null })),
  },
  ...moveKeys('overview', moveActivity).map((binding) => ({
    ...binding,
    help: `in the activity: ${binding.help}`,
  })),
]);

/** Pages of charts in a window of this size. */
function pagesIn(state: WithOverview): number {
  if (state.data === null) return 1;
  const width = bodyColumns(state);
  const standing = standingLines(state.data, state.readOnly, zoneOf(state), width);
  return overviewLayout(width, bodyRows(state), standing.length).pages;
}
