// The part of the console's state that every view reads, and the actions that change it. Each view adds a part
// of its own (`WithHosts`, `WithLog` …); tui/console puts them all together.
import type { Delta, Snapshot } from '../../shared/ipc/status-contract.ts';
import type { ConnectionAction } from './connection.ts';
import type { Prompt } from './prompt.ts';
import type { Shown } from './shown.ts';
import type { ViewName } from './views.ts';

/** One line about the result of an action; the next key removes it. */
export interface Notice {
  tone: 'good' | 'warn' | 'bad';
  text: string;
}

export interface CommonState extends Shown {
  size: { columns: number; rows: number };
  view: ViewName;
  /** whether the `?` help covers the view, and how far it is scrolled */
  help: { open: boolean; top: number };
  prompt: Prompt | null;
  notice: Notice | null;
  readOnly: boolean;
  /** whether the console has the mouse, or the terminal, to select text; `none`: there is no use for it */
  mouse: 'on' | 'off' | 'none';
}

export type CommonAction =
  | { type: 'resized'; size: CommonState['size'] }
  | { type: 'tick'; now: number }
  | { type: 'pause' }
  | { type: 'mouse' }
  | { type: 'view'; view: ViewName }
  | { type: 'help'; open: boolean }
  | { type: 'help-scroll'; by: number }
  | { type: 'prompt'; prompt: Prompt | null }
  | { type: 'filter'; text: string }
  | { type: 'notice'; notice: Notice | null }
  | { type: 'snapshot'; snapshot: Snapshot; now: number }
  | { type: 'delta'; delta: Delta; now: number }
  | { type: 'connection'; change: ConnectionAction };
