// The name servers of one console. Each has a whole state of its own; what is shown of the others is in `lines`.
import type { ServerColour } from '../theme.ts';
import { type ListMove, type ListPosition, moved } from './list-position.ts';
import type { Shown } from './shown.ts';

export interface FleetServer {
  name: string;
  /** sets it off from others; null: none */
  colour: ServerColour | null;
  shown: Shown;
  /** whether ddns.conf has unsaved changes */
  hasDraft: boolean;
}

export interface Fleet {
  /** in the order given; empty: there is one, without a name */
  servers: readonly FleetServer[];
  /** index of the one that keys act on */
  current: number;
  /** whether the list of them covers the view */
  isOpen: boolean;
  position: ListPosition;
}

interface WithFleet {
  fleet: Fleet;
}

export const noFleet: Fleet = {
  servers: [],
  current: 0,
  isOpen: false,
  position: { top: 0, cursor: 0 },
};

export function isFleet({ fleet }: WithFleet): boolean {
  return fleet.servers.length > 1;
}

/** The name of the server that keys act on; empty: it has none. */
export function currentName({ fleet }: WithFleet): string {
  return fleet.servers[fleet.current]?.name ?? '';
}

/** The colour of that server; null: it has none. */
export function currentColour({ fleet }: WithFleet): ServerColour | null {
  return fleet.servers[fleet.current]?.colour ?? null;
}

export function openFleet(fleet: Fleet, isOpen: boolean): Fleet {
  return { ...fleet, isOpen, position: { top: 0, cursor: fleet.current } };
}

/** Makes keys act on another one, and shows it. @param index counts round */
export function switchTo(fleet: Fleet, index: number): Fleet {
  const count = fleet.servers.length;
  return { ...openFleet(fleet, false), current: count === 0 ? 0 : (index + count) % count };
}

export function moveFleet({ fleet }: WithFleet, move: ListMove): Fleet {
  // They all fit most windows; the view scrolls where they do not.
  const size = { rows: fleet.servers.length, viewport: fleet.servers.length };
  return { ...fleet, position: moved(fleet.position, move, size) };
}
