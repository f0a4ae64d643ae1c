// What covers the lower part of the view, so that the selection stays in sight: the palette, whose height depends on the
// window alone, the question before an action, or a notice that is too long for the footer.
import { Box } from 'ink';
import type { ReactElement } from 'react';
import { Dialog, dialogRows } from '../components/dialog.tsx';
import { useSelected } from '../components/following.ts';
import { bodyColumns, bodyRows } from '../components/layout.ts';
import { List } from '../components/list.tsx';
import { Prompt } from '../components/prompt.tsx';
import { Paragraph, Parts, Rows } from '../components/styled.tsx';
import { bindings } from '../console/bindings.ts';
import type { ConsoleState } from '../console/console-state.ts';
import { type PaletteEntry, paletteOf } from '../console/palette.ts';
import { type CommonState, zoneOf } from '../state/common-state.ts';
import { confirmation, forServer } from '../state/confirmation.ts';
import { currentColour, currentName } from '../state/fleet.ts';
import type { Prompt as PromptState } from '../state/prompt.ts';
import { columnsOf, safe } from '../text/columns.ts';
import { count, timeOfDay } from '../text/format.ts';
import { wrap } from '../text/wrap.ts';
import type { TextPart, Token } from '../theme.ts';

/** Nobody looks through more; they type. */
const maxRows = 16;
const keyColumns = 14;
/** The colon, and what a prompt takes at least. */
const minPromptColumns = 10;
/** Characters of a filter in the palette, and of what it does. */
const maxPaletteText = 400;
/** Lines of one entry, at 60 columns more than any takes but for a long filter. */
const maxEntryLines = 3;

export function panelRows(state: ConsoleState): number {
  const { prompt } = state;
  const most = Math.min(maxRows, Math.floor(bodyRows(state) / 2) + 1);
  if (prompt?.kind === 'palette') return most;
  if (prompt?.kind !== 'confirm') return longNotice(state).length;
  return Math.min(most, dialogRows({ ...asked(prompt), width: bodyColumns(state) }));
}

function asked({ asked: action, hits }: PromptState & { kind: 'confirm' }) {
  return { ...confirmation(action), hits };
}

const maxNotice = 1_000;

/** The lines of notices that the footer has no room for. They cover what they must: the next key takes them away. */
export function longNotice(state: ConsoleState): TextPart[][] {
  const { prompt, notice, pastNotices, showsPast } = state;
  if ((notice === null && !showsPast) || (prompt !== null && prompt.kind !== 'help')) return [];
  const width = bodyColumns(state);
  const rows = bodyRows(state);
  const linesOf = (text: string, tone: Token): TextPart[][] =>
    wrap(safe(text, maxNotice), width, rows).map((line) => [[line, tone]]);
  if (notice !== null) {
    const lines = linesOf(notice.text, notice.tone);
    return lines.length > 1 ? lines : [];
  }
  const zone = zoneOf(state);
  const lines = pastNotices.flatMap(({ at, text, tone }) =>
    linesOf(at === null ? text : `${timeOfDay(at, zone)} ${zone.name}  ${text}`, tone),
  );
  return [...linesOf('Latest notices, the newest first', 'strong'), ...lines].slice(0, rows);
}

export function Panel(): ReactElement | null {
  const prompt = useSelected((state) => state.prompt);
  const notice = useSelected(longNotice);
  const size = useSelected((state: ConsoleState) => ({
    ...{ width: bodyColumns(state), rows: panelRows(state) },
  }));
  const server = useSelected(currentName);
  const colour = useSelected(currentColour);
  if (prompt?.kind === 'confirm')
    return <Dialog {...asked(prompt)} {...size} badge={[forServer(server), colour ?? 'bad']} />;
  if (prompt?.kind === 'palette') return <PaletteList prompt={prompt} {...size} />;
  return notice.length > 0 ? (
    <Box flexDirection="column" flexShrink={0}>
      <Rows rows={notice} />
    </Box>
  ) : null;
}

interface PaletteLine extends Pick<PaletteEntry, 'shown' | 'help'> {
  /** which entry it is of */
  entry: number;
}

/** As many lines of the entries as there is room for, among them all of the chosen one. */
function linesInSight(
  entries: readonly PaletteEntry[],
  chosen: number,
  room: CommonState['size'],
): PaletteLine[] {
  const lines = entries.flatMap(({ shown, help }, entry) =>
    wrap(safe(help, maxPaletteText), room.columns, maxEntryLines).map((line, index) => ({
      ...{ shown: index === 0 ? shown : '', help: line, entry },
    })),
  );
  const end = lines.findLastIndex(({ entry }) => entry === chosen) + 1;
  return lines.slice(Math.max(0, end - room.rows)).slice(0, room.rows);
}

interface PaletteListProps {
  prompt: PromptState & { kind: 'palette' };
  width: number;
  rows: number;
}

function PaletteList({ prompt, width, rows }: PaletteListProps): ReactElement {
  const { entries, chosen, problem } = useSelected((state: ConsoleState) =>
    paletteOf(bindings, state),
  );
  const place = entries.length === 0 ? '' : ` ${count(chosen + 1)} of ${count(entries.length)}`;
  const promptColumns = Math.min(
    Math.floor((width - columnsOf(place)) * 0.6),
    Math.max(minPromptColumns, columnsOf(safe(prompt.text, maxPaletteText)) + 3),
  );
  return (
    <Box flexDirection="column" flexShrink={0} height={rows}>
      <Box>
        <Prompt field={prompt} label=":" width={promptColumns} />
        <Parts
          parts={[
            ['─'.repeat(width - promptColumns - columnsOf(place)), 'rule'],
            [place, 'label'],
          ]}
        />
      </Box>
      {problem === null ? (
        <List
          rows={linesInSight(entries, chosen, { columns: width - keyColumns, rows: rows - 1 })}
          width={width}
          isSelected={({ entry }) => entry === chosen}
          cells={({ shown, help }) => [
            { text: shown, as: 'accent', columns: keyColumns },
            { text: help },
          ]}
        />
      ) : (
        <Paragraph lines={wrap(safe(problem, maxPaletteText), width, rows - 1)} as="warn" />
      )}
    </Box>
  );
}
