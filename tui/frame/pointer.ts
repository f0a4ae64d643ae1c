// What the mouse does where it points: it selects, or does what a key would. The wheel goes through rows as
// the arrow keys do, in whatever has the keyboard.

import { bindings } from '../console/bindings.ts';
import type { ConsoleState } from '../console/console-state.ts';
import type { ViewList } from '../console/view-list.ts';
import type { MouseEvent } from '../input/input-event.ts';
import { findBinding } from '../keys/binding.ts';
import type { Console } from '../keys/console.ts';
import { pointedAt } from './pointing.ts';

/** Rows of one step of the wheel, as in most terminals. */
const wheelRows = 3;

const wheelKeys = { 'wheel-up': 'up', 'wheel-down': 'down' } as const;

/** @param seen what was on the screen when the operator pointed at it */
export function point(target: Console, seen: ConsoleState, event: MouseEvent): void {
  if (event.what === 'press') click(target, seen, event);
  else for (let row = 0; row < wheelRows; row++) press(target, wheelKeys[event.what]);
}

function click(target: Console, seen: ConsoleState, event: MouseEvent): void {
  // What is being typed, or asked, is answered with keys.
  const kind = seen.prompt?.kind;
  if (kind === 'confirm' || kind === 'setting') return;
  const pointed = pointedAt(seen, event);
  switch (pointed?.kind) {
    case 'tab':
      target.dispatch({ type: 'view', view: pointed.view });
      break;
    case 'hint':
      pointed.binding.run(target);
      break;
    case 'entry':
      if (seen.prompt?.kind !== 'palette') break;
      target.dispatch({ type: 'prompt', prompt: { ...seen.prompt, chosen: pointed.entry } });
      press(target, 'enter');
      break;
    case 'row':
      // A filter that is being typed is kept.
      if (seen.prompt !== null) target.dispatch({ type: 'prompt', prompt: null });
      select(target, pointed.list, pointed.row);
      break;
  }
}

/** A row that is selected already is opened. */
function select(target: Console, { position, move }: ViewList, row: number): void {
  if (row === position.cursor) press(target, 'enter');
  else target.dispatch(move(row - (position.cursor ?? position.top)));
}

function press(target: Console, key: string): void {
  findBinding(bindings, target.state(), key)?.run(target);
}
