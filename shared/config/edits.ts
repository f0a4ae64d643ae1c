// Changes of single settings by name, on the document of a ddns.conf: all of them, or the reasons why
// some cannot be written. Whether the values are allowed is for validate.ts.
import { type ConfDocument, setValue, unsetValue } from './conf-file.ts';
import { shownValue } from './secret.ts';
import { settingDefinitions, settingNamed } from './settings.ts';

export interface SettingEdit {
  /** in any case */
  name: string;
  /** null takes the setting out of the file, so that its default holds */
  value: string | null;
}

export interface EditProblem {
  name: string;
  value: string | null;
  message: string;
}

export function applyEdits(
  document: ConfDocument,
  edits: readonly SettingEdit[],
): { document: ConfDocument; problems: EditProblem[] } {
  const problems: EditProblem[] = [];
  let edited = document;
  for (const edit of edits) {
    const result = applyEdit(edited, edit);
    if ('message' in result) problems.push(result);
    else edited = result;
  }
  return { document: edited, problems };
}

function applyEdit(
  document: ConfDocument,
  { name: asked, value }: SettingEdit,
): ConfDocument | EditProblem {
  const definition = settingNamed(asked);
  const problem = { name: asked, value: value === null ? null : shownValue(asked, value) };
  if (!definition) {
    const known = settingDefinitions.map(({ name }) => name).join(', ');
    return { ...problem, message: `is not a setting; known: ${known}` };
  }
  const { name, allowed } = definition;
  try {
    return value === null ? unsetValue(document, name) : setValue(document, name, value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = `${error.message.replace(`${name}: `, '')}; allowed: ${allowed}`;
    return { ...problem, name, message };
  }
}
