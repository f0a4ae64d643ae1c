// Screens of Hosts.
import type { Screen } from './screen.ts';

export const hostsScreens: readonly Screen[] = [
  { name: 'hosts', view: 'hosts' },
  {
    name: 'hosts with a question',
    view: 'hosts',
    actions: [
      { type: 'hosts', change: (hosts) => ({ ...hosts, detail: true }) },
      {
        type: 'prompt',
        prompt: {
          kind: 'confirm',
          text: 'rem',
          asked: { action: 'remove', address: '198.51.100.1:40000' },
        },
      },
    ],
  },
];
