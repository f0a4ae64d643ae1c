// The screen as a whole: header, banner, one view or the help, footer. It only arranges; every part
// selects its own data.
import { Box } from 'ink';
import type { ReactElement } from 'react';
import { useSelected } from '../components/console-context.ts';
import { Following } from '../components/following.tsx';
import { bodyColumns, bodyRows, isTooSmall, margin } from '../components/layout.ts';
import { BacklogView } from '../views/backlog/backlog-view.tsx';
import { ConfigView } from '../views/config/config-view.tsx';
import { HostsView } from '../views/hosts/hosts-view.tsx';
import { LogView } from '../views/log/log-view.tsx';
import { Overview } from '../views/overview/overview.tsx';
import { PeersView } from '../views/peers/peers-view.tsx';
import { RedirectsView } from '../views/redirects/redirects-view.tsx';
import { bannerLines } from './banner.ts';
import { headerLines } from './header.ts';
import { Help } from './help.tsx';
import { paletteLines, paletteRows } from './palette.ts';
import { footerLines, tooSmallLines } from './shell.ts';

export function App(): ReactElement {
  const tooSmall = useSelected(isTooSmall);
  const columns = useSelected((state) => state.size.columns);
  const rows = useSelected((state) => state.size.rows);
  const height = useSelected(bodyRows);
  const covered = useSelected(paletteRows);
  if (tooSmall) return <Following lines={tooSmallLines} />;
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Following lines={headerLines} />
      <Following lines={bannerLines} />
      <Box height={height} paddingX={margin} flexDirection="column">
        <Box height={height - covered} flexShrink={0} flexDirection="column">
          {/* Laid out as if nothing covered it, so that it does not move. */}
          <Box height={height} flexShrink={0} flexDirection="column">
            <Body />
          </Box>
        </Box>
        <Following lines={paletteLines} columns={bodyColumns} />
      </Box>
      <Following lines={footerLines} />
    </Box>
  );
}

/** What stands between header and footer: a view, or the help. */
export function Body(): ReactElement {
  const view = useSelected((state) => state.view);
  const isHelp = useSelected((state) => state.help.open);
  if (isHelp) return <Help />;
  switch (view) {
    case 'overview':
      return <Overview />;
    case 'hosts':
      return <HostsView />;
    case 'peers':
      return <PeersView />;
    case 'redirects':
      return <RedirectsView />;
    case 'backlog':
      return <BacklogView />;
    case 'config':
      return <ConfigView />;
    case 'log':
      return <LogView />;
  }
}
