// One list is kept for whoever names next what it knows. Such a list grows to megabytes, and so much
// thrown away for each request makes the collector go over everything the process has.
import { AddressList } from './address.ts';

/** At most `maxHaveAddresses` are in it: 5 MB. */
let spare: AddressList | null = null;

/** An empty list: the one that is kept, if nobody has it. */
export function takeList(): AddressList {
  const list = spare ?? new AddressList();
  spare = null;
  return list;
}

/** Nobody reads `list` any more. The longer one is kept. */
export function giveBack(list: AddressList): void {
  if (spare !== null && spare.words.length >= list.words.length) return;
  list.length = 0;
  spare = list;
}
