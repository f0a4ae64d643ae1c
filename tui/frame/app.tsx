// The whole screen: header, banner, one view or the help, panel, footer. It only arranges them; all but the view
// follow the store by themselves.
import { Box } from 'ink';
import { type ReactElement, useDeferredValue } from 'react';
import { bodyColumns, bodyRows, isTooSmall, margin } from '../components/layout.ts';
import { StaleContext } from '../components/styled.tsx';
import type { ConsoleState, ConsoleStore } from '../console/console-state.ts';
import { isStale } from '../state/shown.ts';
import { BacklogView } from '../views/backlog/backlog-view.tsx';
import { ConfigView } from '../views/config/config-view.tsx';
import { FleetView } from '../views/fleet/fleet-view.tsx';
import { HostsView } from '../views/hosts/hosts-view.tsx';
import { LogView } from '../views/log/log-view.tsx';
import { Overview } from '../views/overview/overview.tsx';
import { PeersView } from '../views/peers/peers-view.tsx';
import { RedirectsView } from '../views/redirects/redirects-view.tsx';
import { Banner, TooSmall } from './banner.tsx';
import { useSelected, useStore } from './following.tsx';
import { Footer } from './footer.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { Panel, panelRows } from './panel.tsx';

/** The whole screen. */
export function App(): ReactElement {
  const tooSmall = useSelected(isTooSmall);
  const columns = useSelected((state) => state.size.columns);
  const rows = useSelected((state) => state.size.rows);
  const height = useSelected(bodyRows);
  const covered = useSelected(panelRows);
  if (tooSmall) return <TooSmall />;
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Header />
      <Banner />
      <Box height={height} paddingX={margin} flexDirection="column">
        <Box height={height - covered} flexShrink={0} flexDirection="column" overflowY="hidden">
          {/* Its layout ignores the panel, so that the view does not move. */}
          <Box height={height} flexShrink={0} flexDirection="column">
            <LateBody />
          </Box>
        </Box>
        <Panel />
      </Box>
      <Footer />
    </Box>
  );
}

/** Header, tabs and footer come first: a view takes as long to draw as everything before it. */
function LateBody(): ReactElement | null {
  return useDeferredValue(true, false) ? <Body /> : null;
}

/** What stands between header and footer: a view, or the help. A view gets the state, and dims old data. */
export function Body(): ReactElement {
  const { dispatch } = useStore();
  const state = useSelected((all) => all);
  if (state.prompt?.kind === 'help') return <Help />;
  return (
    <StaleContext value={isStale(state) && !state.fleet.isOpen}>
      {state.fleet.isOpen ? (
        <FleetView state={state} />
      ) : (
        <View state={state} dispatch={dispatch} />
      )}
    </StaleContext>
  );
}

function View({
  state,
  dispatch,
}: {
  state: ConsoleState;
  dispatch: ConsoleStore['dispatch'];
}): ReactElement {
  switch (state.view) {
    case 'overview':
      return (
        <Overview
          data={state.data}
          readOnly={state.readOnly}
          isUtc={state.isUtc}
          overview={state.overview}
          width={bodyColumns(state)}
          height={bodyRows(state)}
        />
      );
    case 'hosts':
      return <HostsView state={state} dispatch={dispatch} />;
    case 'peers':
      return <PeersView state={state} />;
    case 'redirects':
      return <RedirectsView state={state} />;
    case 'backlog':
      return <BacklogView state={state} />;
    case 'config':
      return <ConfigView state={state} />;
    case 'log':
      return <LogView state={state} />;
  }
}
