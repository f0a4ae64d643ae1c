// Brings the lines that the Log view lacks while it is on the screen, after the last line that was asked for. What comes faster than this asks is in the next answer, as far as the
// daemon keeps it; the view says how much that leaves out.
import type { IpcClient } from '../../../shared/ipc/client.ts';
import { type LogResult, processOf } from '../../../shared/ipc/log-contract.ts';
import { type Control, createPacing, retryMs } from '../../daemon/pacing.ts';
import type { StoreOf } from '../../state/common-state.ts';
import { failureText } from '../../text/failure.ts';
import { lastOf, takeLines, type WithLog } from './log-state.ts';

/** Share of the daemon's time that reading the log may take: a tenth. */
const readingRest = 10;

export function createLogControl(store: StoreOf<WithLog>, client: () => IpcClient | null): Control {
  let dueAt = Number.NEGATIVE_INFINITY;

  const pump = () => {
    const attached = client();
    if (attached !== null && isMissing(store.get(), attached))
      pacing.ask(dueAt, () => ask(attached));
  };
  const pacing = createPacing(pump);
  const ask = async (attached: IpcClient) => {
    const source = processOf(attached.server);
    const startedAt = performance.now();
    try {
      const result = await attached.log({ after: lastOf(store.get().log, source) });
      const endedAt = performance.now();
      dueAt = endedAt + (endedAt - startedAt) * readingRest;
      const shown = withoutWaiting(result, store.get());
      store.dispatch({
        type: 'log',
        change: (log) => ({ ...takeLines(log, source, shown), readAt: endedAt }),
      });
    } catch (error) {
      dueAt = performance.now() + retryMs;
      // A lost connection shows in its own banner; anything else the operator should know.
      if (client() === attached && !pacing.isClosed) {
        const text = failureText(error, 'show its log');
        store.dispatch({ type: 'notice', notice: { tone: 'bad', text } });
      }
    }
  };

  return { pump, close: pacing.close };
}

/** As many lines as the status tells of: also while the screen stands still, and the daemon has more. */
function isMissing({ view, log, data }: WithLog, attached: IpcClient): boolean {
  if (view !== 'log' || data === null) return false;
  const source = processOf(attached.server);
  if (source !== processOf(data.status.server)) return false;
  return source !== log.source || data.status.log.lines > lastOf(log, source);
}

/** While the screen stands still, what was logged since then waits. */
function withoutWaiting(result: LogResult, { paused, data }: WithLog): LogResult {
  if (paused === null || data === null) return result;
  const { log } = data.status;
  return { ...result, status: log, lines: result.lines.filter(({ seq }) => seq <= log.lines) };
}
