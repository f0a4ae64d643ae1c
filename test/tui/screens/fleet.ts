// Screens of the list of name servers.
import type { ConsoleAction } from '../../../tui/console/console-state.ts';
import { dataFromSnapshot } from '../../../tui/state/daemon-data.ts';
import type { FleetServer } from '../../../tui/state/fleet.ts';
import type { ConsoleConnection } from '../../../tui/state/shown.ts';
import type { ServerColour } from '../../../tui/theme.ts';
import { fixedNow, fixedPeers, fixedSnapshot } from '../fixture-data.ts';
import type { Screen } from './screen.ts';

function server(
  name: string,
  status: Parameters<typeof fixedSnapshot>[0] | null = {},
  connection: ConsoleConnection = { phase: 'live', since: 0 },
  colour: ServerColour | null = null,
): FleetServer {
  const data = status === null ? null : dataFromSnapshot(fixedSnapshot(status), 0);
  return { name, colour, shown: { connection, data, now: 0, paused: null }, hasDraft: false };
}

const lost: ConsoleConnection = {
  phase: 'lost',
  since: 0,
  attempts: 3,
  nextAt: 2_000,
  reason: 'no name server listens on /run/user/1000/oslo.sock; is the tunnel up?',
};

const servers: readonly FleetServer[] = [
  server('berlin', { zone: 'dynamo.' }),
  server(
    'paris',
    {
      zone: null,
      peers: fixedPeers(),
      redirecting: { mode: 'drain', to: null, since: fixedNow - 320_000, isLoaded: false },
    },
    { phase: 'live', since: 0 },
    'red',
  ),
  server('staging-eu-central-frankfurt-2', {
    zone: 'peers.staging.eu-central.example.org.',
    listen: { address: '2001:db8::7', port: 4524 },
    backlog: { limit: 100, current: 100, peak: 100 },
  }),
  server('oslo', {}, lost, 'magenta'),
  server('lisbon', null, lost),
  server('rome', null, { phase: 'connecting' }),
];

const open: ConsoleAction = {
  type: 'fleet',
  change: (fleet) => ({
    ...fleet,
    ...{ servers, current: 1, isOpen: true, position: { top: 0, cursor: 2 } },
  }),
};

const drained: ConsoleAction = {
  type: 'prompt',
  prompt: { kind: 'confirm', text: 'dra', afterCaret: 0, asked: { action: 'drain' } },
};

export const fleetScreens: readonly Screen[] = [
  { name: 'name servers', view: 'overview', actions: [open] },
  {
    name: 'one of several name servers that is about to be drained',
    view: 'redirects',
    actions: [open, { type: 'fleet', change: (fleet) => ({ ...fleet, isOpen: false }) }, drained],
  },
];
