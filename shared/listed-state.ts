// The states in which a console lists hosts: what name server and console sort by, filter by and call them.

/**
 * Hosts of the registry, the closer to being gone the later. `live`: in contact within the TTL. `due`: silent for
 * longer, to be pinged. `suspect`: a ping of this server was not answered. `condemned`: to be deleted, unless
 * deletions are held back. `gone`: deleted, and kept so that others learn of it.
 */
export const listedStates = ['live', 'due', 'suspect', 'condemned', 'gone'] as const;
export type ListedState = (typeof listedStates)[number];

/** Its name on screen. */
export const stateWords: Readonly<Record<ListedState, string>> = {
  live: 'live',
  due: 'due',
  suspect: 'not answering',
  condemned: 'to be deleted',
  gone: 'gone',
};

/**
 * The states that a word of a filter names, in lower case. One of hexadecimal digits names none: `de` is part of
 * an address or a UUID, not of "to be deleted".
 */
export function statesNamedBy(word: string): readonly ListedState[] {
  if (/^[0-9a-f-]+$/.test(word)) return [];
  return listedStates.filter((state) => `${state} ${stateWords[state]}`.includes(word));
}
