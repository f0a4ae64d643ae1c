// What the operator is asked and has typed so far, as one line of a terminal. Pure.
import type { ConsoleState } from '../console/console-state.ts';
import { confirmation } from '../state/prompt.ts';
import { safe } from '../text/columns.ts';

export interface Question {
  asked: string;
  /** what is typed, as it may be shown */
  text: string;
}

export function questionOf({ prompt }: ConsoleState): Question | null {
  if (prompt === null) return null;
  const text = safe(prompt.text, 8_192);
  switch (prompt.kind) {
    case 'confirm':
      return { asked: confirmation(prompt.asked).question, text };
    case 'setting': {
      const isHidden = prompt.name === 'Secret';
      return { asked: `${safe(prompt.name)}: `, text: isHidden ? '*'.repeat(text.length) : text };
    }
    case 'palette':
      return { asked: 'action: ', text };
    default:
      return { asked: `${prompt.kind}: `, text };
  }
}
