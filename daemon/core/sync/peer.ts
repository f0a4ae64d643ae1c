// One other name server: what it said, what was measured of it, and from what it sent last on either connection, whether
// it is there. One that was down, or is new, shares the work only after it has been there for a while, so that a server
// that comes and goes does not move hosts to and fro.
import { formatIp, parseAddress } from '../../../shared/protocol/address.ts';
import type { SyncPulse, Unable } from '../../../shared/protocol/sync-message.ts';
import type { Registry } from '../registry/registry.ts';
import type { Clocks } from '../timing/timing.ts';
import { ClockFilter, maxSamples } from './clock-filter.ts';

/** `connecting`: nothing came since this server started. */
export type PeerState = 'connecting' | 'alive' | 'suspect' | 'down';

/** All in milliseconds. */
export interface MembershipTimes {
  /** between two heartbeats */
  beatMs: number;
  /** silent for this long: suspect */
  suspectMs: number;
  /** silent for this long: down */
  downMs: number;
  /** there for this long: shares the work */
  settledMs: number;
}

/** With a faster heartbeat a busy machine would count as dead. */
const leastBeatMs = 250;

/** That of an hour's TTL: a server that dies is replaced long before a cycle of pings ends. */
const mostBeatMs = 1_000;

/** A server that was not found for as long, ms, was away: each is found every 5 s (core/bus). */
const awayMs = 16_000;

/** Derived from the TTL, so that a fleet with a TTL of seconds behaves as one with an hour. */
export function membershipTimes(ttlMs: number): MembershipTimes {
  const beatMs = Math.min(mostBeatMs, Math.max(leastBeatMs, ttlMs / 3_600));
  return { beatMs, suspectMs: 5 * beatMs, downMs: 15 * beatMs, settledMs: 30 * beatMs };
}

/** What a server says about itself with each heartbeat. */
export interface Load {
  /** connections whose request is not answered yet, and how many there may be; 0: it takes no nodes */
  backlog: number;
  limit: number;
  /** live hosts in its registry */
  live: number;
  /** hosts that it cannot judge; null: none */
  cannotJudge?: Unable | null;
}

/** One other name server, named or found. Times are monotonic unless they say otherwise. */
export class Peer {
  /** as configured, `ip:port` or `name:port` */
  readonly address: string;
  /** `ip:port` where it was dialled last, the likeliest first; empty: its name has not been resolved yet */
  addresses: readonly string[];
  /** under which addresses it is named besides, as configured: it is dialled there, too */
  aliases: readonly string[] = [];
  /** where it says it is reached: its Advertise, or where it listens; null: unknown, or on every address */
  listen: string | null = null;
  id: string | null = null;
  /** names the run of its program, which was met then (monotonic) */
  run: string | null = null;
  runMetAt = 0;
  /** the run that answered at its address when it was dialled last */
  runThere: string | null = null;
  /** of its software; null: unknown, or older than greetings with a version */
  version: string | null = null;
  /** false: it took a greeting with a version for malformed */
  readsVersion = true;
  load: Load | null = null;
  /** when `load` came; null: it did not, or not on a connection that is still open */
  loadAt: number | null = null;
  roundTripMs: number | null = null;
  /** its wall clock less this server's */
  clockMs: number | null = null;
  /** since this server started: everything that its change log had when it dialled is in the registry */
  isLogHere = false;
  /** since this server started: comparing has brought everything that it had, whoever registered it */
  isCompared = false;
  /** its change log from before it dialled is under way: comparing would transfer the same again */
  isSendingLog = false;
  private foundAgainAt = Number.NEGATIVE_INFINITY;
  private lastFoundAt = Number.NEGATIVE_INFINITY;
  /** It is in NameServers; otherwise a transport found it. */
  isNamed = true;
  /** when a transport first found it (monotonic); null: none did */
  foundAt: number | null = null;
  /** what it said to everybody last, and when (publication.ts); null: nothing */
  pulse: SyncPulse | null = null;
  private pulseAt: number | null = null;
  isHeardEncrypted = false;
  /** sessions in a row that ended before it had greeted */
  unanswered = 0;
  /** it was reported as there, by its pulses */
  isUp = false;
  /** pulses in a row that knew fewer entries of its own log than there are here: its database was restored */
  excess = 0;
  /** when a heartbeat had the digest of this server's registry last (monotonic) */
  sameAt = Number.NEGATIVE_INFINITY;
  /** of its log behind a gap: everything from behind `after` up to `entry` is merged */
  ahead: { epoch: string; after: number; entry: number } | null = null;
  /** since when it lacks entries of others, by its pulses */
  behindSince: number | null = null;
  /** how much its clock was ahead in the latest pulses, ms: the delay of each makes it less */
  private pulseClocks: number[] = [];
  /** its clock, and its id, were reported as wrong */
  isClockWrong = false;
  /** hosts that it says it cannot judge, and those that were reported; null: none */
  cannotJudge: Unable | null = null;
  wasUnable: Unable | null = null;
  hasTwin = false;
  /** why there is no session with it, for operators; null while there is one */
  trouble: string | null = null;
  /** monotonic: when this server last had a session to it, or began to lack one */
  isLinkedAt: number | null = null;
  /** when its last message came, by the wall clock */
  heardAt: number | null = null;
  private readonly clockFilter = new ClockFilter();
  private lastMessageAt: number | null = null;
  private thereSince = 0;
  private readonly membership: { readonly times: MembershipTimes };

  constructor(address: string, membership: { readonly times: MembershipTimes }) {
    this.address = address;
    this.addresses = parseAddress(address) === null ? [] : [address];
    this.membership = membership;
  }

  /** Its IP addresses, as far as they are known. */
  get ips(): string[] {
    return this.addresses.map((address) => formatIp(parseAddress(address) as Uint32Array, 0));
  }

  /** Whether it is reached there, `ip:port`, or says so. */
  isReachedAt(address: string): boolean {
    return this.listen === address || this.addresses.includes(address);
  }

  isAt(ip: string): boolean {
    return this.ips.includes(ip);
  }

  /** A message of it has come. */
  noteMessage({ mono, wall }: Clocks): void {
    const wasThere =
      this.lastMessageAt !== null && mono - this.lastMessageAt < this.membership.times.downMs;
    if (!wasThere) this.thereSince = mono;
    this.lastMessageAt = mono;
    this.heardAt = wall;
  }

  noteRun(run: string, mono: number): void {
    if (run !== this.run) this.runMetAt = mono;
    this.run = run;
  }

  spokeAfter(mono: number): boolean {
    return this.lastMessageAt !== null && this.lastMessageAt > mono;
  }

  /** It answered after `roundTripMs`, and said that its clock is at `clock` (ms since 1970). */
  noteRoundTrip(roundTripMs: number, clock: number, { mono, wall }: Clocks): void {
    this.roundTripMs = Math.round(roundTripMs * 10) / 10;
    const sample = { at: mono, roundTripMs, clockMs: clock - wall + roundTripMs / 2 };
    this.clockMs = Math.round(this.clockFilter.note(sample, this.membership.times.beatMs));
  }

  /** The digest of its registry has come: if that is the one of `registry`, everything it has is here. */
  noteDigest(digest: string, registry: Registry, mono: number): void {
    if (digest !== registry.digest.whole()) return;
    this.isCompared = true;
    this.sameAt = mono;
  }

  /** It has said that to everybody. */
  notePulse(pulse: SyncPulse, { mono, wall }: Clocks): void {
    this.pulse = pulse;
    this.pulseAt = mono;
    this.behindSince = pulse.behind === 0 ? null : (this.behindSince ?? mono);
    this.pulseClocks.push(pulse.clock - wall);
    if (this.pulseClocks.length > maxSamples) this.pulseClocks.shift();
    this.clockMs = Math.round(Math.max(...this.pulseClocks) + (this.roundTripMs ?? 0) / 2);
  }

  /** It says to everybody that it lacks nothing of what was. */
  isUpToDate(mono: number): boolean {
    return this.isPulsing(mono) && this.pulse?.behind === 0;
  }

  /** Entries that it lacks, by its latest pulse, and since when, ms. */
  lag(mono: number): { entries: number; ms: number } {
    const { pulse, behindSince } = this;
    return { entries: pulse?.behind ?? 0, ms: behindSince === null ? 0 : mono - behindSince };
  }

  /** It says to everybody what it has to say. */
  isPulsing(mono: number): boolean {
    return this.pulseAt !== null && mono - this.pulseAt < this.membership.times.suspectMs;
  }

  /** @param since monotonic */
  hasPulsedSince(since: number): boolean {
    return this.pulseAt !== null && this.pulseAt >= since;
  }

  /** A transport has found it, or found it again. */
  noteFound(mono: number): void {
    if (mono - this.lastFoundAt >= awayMs) this.foundAgainAt = mono;
    this.foundAt ??= mono;
    this.lastFoundAt = mono;
  }

  /**
   * It is there, and says nothing to everybody: each has to ask it.
   * @param reachedAt since when it would have been heard (monotonic)
   */
  hasNoPulse(mono: number, reachedAt: number): boolean {
    const since = Math.max(this.pulseAt ?? 0, this.foundAgainAt, reachedAt);
    return mono - since >= this.membership.times.suspectMs;
  }

  /** Another server is at its address now. */
  forgetNews(): void {
    this.pulse = null;
    this.pulseAt = null;
    this.sameAt = Number.NEGATIVE_INFINITY;
    this.ahead = null;
  }

  /** Everything of a log of this peer up to `entry` is in the registry, and what came behind a gap that is filled. */
  noteApplied(
    { applied }: Registry,
    { id, epoch }: { id: string; epoch: string },
    entry: number,
  ): void {
    const { ahead } = this;
    let upTo = Math.max(entry, applied.entryOf(id, epoch));
    if (ahead?.epoch === epoch && ahead.after <= upTo) {
      upTo = Math.max(upTo, ahead.entry);
      this.ahead = null;
    }
    applied.note(id, epoch, upTo);
  }

  /** This server's clock was set. */
  forgetClock(): void {
    this.clockMs = null;
    this.pulseClocks = [];
    this.clockFilter.clear();
  }

  state(mono: number): PeerState {
    if (this.lastMessageAt === null) return 'connecting';
    const silent = mono - this.lastMessageAt;
    const { suspectMs, downMs } = this.membership.times;
    if (silent < suspectMs) return 'alive';
    return silent < downMs ? 'suspect' : 'down';
  }

  /** For how long nothing was heard of it, ms; of one that never spoke since it was found. */
  silentMs(mono: number): number {
    return mono - (this.lastMessageAt ?? this.foundAt ?? mono);
  }

  isThere(mono: number): boolean {
    const state = this.state(mono);
    return state === 'alive' || state === 'suspect';
  }

  /** It shares the work. */
  isCounted(mono: number): boolean {
    return this.isThere(mono) && mono - this.thereSince >= this.membership.times.settledMs;
  }
}
