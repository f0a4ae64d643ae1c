// The whole screen: header, banner for what must not be overlooked, one view or the help, panel, footer. It only arranges them; all of them follow the
// store by themselves.
import { Box } from 'ink';
import { memo, type ReactElement, useDeferredValue } from 'react';
import { bannerTexts } from '../components/banner.ts';
import { useSelected } from '../components/following.ts';
import { bodyColumns, bodyRows, isTooSmall, margin, minSize } from '../components/layout.ts';
import { Paragraph, StaleContext, WidthContext } from '../components/styled.tsx';
import type { CommonState, ViewName } from '../state/common-state.ts';
import { isStale } from '../state/shown.ts';
import { fitted } from '../text/columns.ts';
import { wrap } from '../text/wrap.ts';
import { BacklogView } from '../views/backlog/backlog-view.tsx';
import { ConfigView } from '../views/config/config-view.tsx';
import { FleetView } from '../views/fleet/fleet-view.tsx';
import { HostsView } from '../views/hosts/hosts-view.tsx';
import { LogView } from '../views/log/log-view.tsx';
import { Overview } from '../views/overview/overview.tsx';
import { PeersView } from '../views/peers/peers-view.tsx';
import { RedirectsView } from '../views/redirects/redirects-view.tsx';
import { Footer } from './footer.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { Panel, panelRows } from './panel.tsx';

export function App(): ReactElement {
  const tooSmall = useSelected(isTooSmall);
  const { columns, rows } = useSelected(({ size }) => size);
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
const LateBody = memo(function LateBody(): ReactElement | null {
  return useDeferredValue(true, false) ? <Body /> : null;
});

const views: Readonly<Record<ViewName, () => ReactElement>> = {
  overview: Overview,
  hosts: HostsView,
  peers: PeersView,
  redirects: RedirectsView,
  backlog: BacklogView,
  config: ConfigView,
  log: LogView,
};

/** What stands between header and footer: a view, or the help. Old data are dimmed. */
export function Body(): ReactElement {
  const { isHelp, isFleet, view, isOld } = useSelected((state: CommonState) => ({
    isHelp: state.prompt?.kind === 'help',
    isFleet: state.fleet.isOpen,
    view: state.view,
    isOld: isStale(state) && !state.fleet.isOpen,
  }));
  const width = useSelected(bodyColumns);
  if (isHelp) return <Help />;
  const View = isFleet ? FleetView : views[view];
  return (
    <StaleContext value={isOld}>
      <WidthContext value={width}>
        <View />
      </WidthContext>
    </StaleContext>
  );
}

/** As many lines as the layout reckons with. */
function Banner(): ReactElement {
  const lines = useSelected((state) =>
    bannerTexts(state).map((text) => fitted(text, state.size.columns)),
  );
  return <Paragraph lines={lines} as="banner" />;
}

function TooSmall(): ReactElement {
  const { size, prompt } = useSelected(({ size, prompt }) => ({ size, prompt }));
  const { columns, rows } = size;
  const isUnsaved = prompt?.kind === 'confirm' && prompt.asked.action === 'quit';
  const end = isUnsaved ? 'ddns.conf has unsaved changes: q again discards them.' : 'q quits.';
  const text = `Window too small: ${columns}×${rows}, needs ${minSize.columns}×${minSize.rows}. ${end}`;
  return <Paragraph lines={wrap(text, columns, rows)} />;
}
