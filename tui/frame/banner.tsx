// The line that says that the connection is lost: since when, how often it was tried, what comes next.
import type { ReactElement } from 'react';
import type { Connection } from '../state/connection.ts';
import { cut, fitted, safe } from '../text/columns.ts';
import { counted, duration } from '../text/format.ts';
import { useSelected, useTheme } from './console-context.ts';
import { Lines } from './lines.tsx';

export function Banner(): ReactElement | null {
  const theme = useTheme();
  const width = useSelected((state) => state.size.columns);
  const connection = useSelected((state) => state.connection);
  const now = useSelected((state) => state.now);
  if (connection.phase !== 'lost') return null;
  return (
    <Lines
      lines={[theme.paint('banner', fitted(bannerText(connection, now, width), width))]}
      width={width}
      steady
    />
  );
}

export function bannerText(
  connection: Connection & { phase: 'lost' },
  now: number,
  width: number,
): string {
  const { attempts, nextAt, since, reason } = connection;
  const tried = attempts === 0 ? '' : `, ${counted(attempts, 'attempt')} failed`;
  const seconds = nextAt === null ? 0 : Math.ceil((nextAt - now) / 1000);
  const next = nextAt === null || seconds <= 0 ? 'trying now' : `next in ${seconds} s`;
  const text = ` Connection lost; what is shown is ${duration(now - since)} old${tried}, ${next}.`;
  return cut(`${text} ${safe(reason, 300)}`, width - 1);
}
