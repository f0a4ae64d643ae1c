// The screen as a whole: header, banner, one view or the help, footer. It only arranges; every part
// selects its own data.
import { Box } from 'ink';
import type { ReactElement } from 'react';
import { wrap } from '../text/columns.ts';
import { ConfigView } from '../views/config/config-view.tsx';
import { HostsView } from '../views/hosts/hosts-view.tsx';
import { LogView } from '../views/log/log-view.tsx';
import { Overview } from '../views/overview/overview.tsx';
import { PeersView } from '../views/peers/peers-view.tsx';
import { RedirectsView } from '../views/redirects/redirects-view.tsx';
import { Banner } from './banner.tsx';
import { useSelected } from './console-context.ts';
import { Footer } from './footer.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { bodyRows, isTooSmall, margin, minSize } from './layout.ts';
import { Lines } from './lines.tsx';

export function App(): ReactElement {
  const tooSmall = useSelected(isTooSmall);
  const columns = useSelected((state) => state.size.columns);
  const rows = useSelected((state) => state.size.rows);
  const height = useSelected(bodyRows);
  if (tooSmall) return <TooSmall columns={columns} rows={rows} />;
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Header />
      <Banner />
      <Box height={height} paddingX={margin} flexDirection="column">
        <Body />
      </Box>
      <Footer />
    </Box>
  );
}

function Body(): ReactElement {
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
    case 'config':
      return <ConfigView />;
    case 'log':
      return <LogView />;
  }
}

function TooSmall({ columns, rows }: { columns: number; rows: number }): ReactElement {
  const text = `This window has ${columns}×${rows}; please give it ${minSize.columns}×${minSize.rows}. q quits.`;
  return <Lines lines={wrap(text, columns, rows)} width={columns} steady />;
}
