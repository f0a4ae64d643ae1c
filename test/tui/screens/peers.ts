// Screens of Peers.
import { movePeers } from '../../../tui/views/peers/peers-state.ts';
import { fixedDelta, fixedPeers } from '../fixture-data.ts';
import type { Screen } from './screen.ts';
import { fleet, sending } from './situations.ts';

export const peersScreens: readonly Screen[] = [
  {
    name: 'peers',
    view: 'peers',
    actions: [fleet, { type: 'peers', change: (_, state) => movePeers(state, { end: 'last' }) }],
  },
  { name: 'peers of a server on its own', view: 'peers' },
  {
    name: 'peers with a question while everybody is sent to one',
    view: 'peers',
    actions: [
      fleet,
      sending('chosen'),
      { type: 'peers', change: (_, state) => movePeers(state, { by: 1 }) },
      {
        type: 'prompt',
        prompt: {
          kind: 'confirm',
          text: 'dra',
          asked: { action: 'send', address: '192.0.2.3:4524' },
        },
      },
    ],
  },
  {
    name: 'peers of which two just changed',
    view: 'peers',
    actions: [
      fleet,
      {
        type: 'delta',
        now: 0,
        delta: fixedDelta({
          status: {
            peers: fixedPeers().map((peer, row) =>
              row === 0 ? { ...peer, state: 'suspect' } : { ...peer, version: '9.9.9' },
            ),
          },
        }),
      },
    ],
  },
  {
    name: 'peers that match a filter',
    view: 'peers',
    actions: [fleet, { type: 'filter', text: 'plain' }],
  },
];
