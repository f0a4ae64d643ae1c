// The Peers view: the other name servers, and what is known of the selected one.
import { Box } from 'ink';
import type { ReactElement } from 'react';
import { useSelected, useTheme } from '../../frame/console-context.ts';
import { bodyColumns } from '../../frame/layout.ts';
import { Lines } from '../../frame/lines.tsx';
import { peerDetailLines } from './peer-detail.ts';
import { peerTableLines } from './peer-table.ts';
import { peersHeadRows, peersLayout, sideGap } from './peers-layout.ts';
import { peerPosition, selectedPeer } from './peers-state.ts';

export function PeersView(): ReactElement {
  const theme = useTheme();
  // Nearly all of it is shown: size, data, position.
  const state = useSelected((all) => all);
  const { data } = state;
  const width = bodyColumns(state);
  if (data === null)
    return (
      <Lines lines={['', theme.paint('label', 'waiting for the name server …')]} width={width} />
    );
  const { tableColumns, tableRows, detail, detailColumns, detailRows } = peersLayout(state);
  const table = (
    <Lines
      lines={peerTableLines(theme, data.status, peerPosition(state), tableColumns, tableRows)}
      width={tableColumns}
    />
  );
  const peer = selectedPeer(state);
  if (peer === null || detailRows < 2) return table;
  if (detail === 'side')
    return (
      <Box columnGap={sideGap}>
        {table}
        <Lines
          lines={['', ...peerDetailLines(theme, peer, detailColumns, detailRows)]}
          width={detailColumns}
        />
      </Box>
    );
  const rule = theme.paint('rule', '─'.repeat(width));
  return (
    <Box flexDirection="column">
      <Box height={tableRows + peersHeadRows}>{table}</Box>
      <Lines
        lines={[rule, ...peerDetailLines(theme, peer, detailColumns, detailRows - 1)]}
        width={width}
      />
    </Box>
  );
}
