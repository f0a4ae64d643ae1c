// Where hosts come from in the process that has the registry.
import type { Registry } from '../registry/registry.ts';
import { LabelIndex } from './label-index.ts';
import {
  type NodeHost,
  nodeHost,
  type ZoneFacts,
  ZoneSampler,
  type ZoneSettings,
} from './zone-snapshot.ts';
import { ZoneViews } from './zone-view.ts';

/** A snapshot is used for a second: taking one costs some milliseconds in a full registry. */
export const snapshotMs = 1_000;

/** The hosts of a registry. Takes a snapshot when one is asked for, at most once a second. */
export class RegistryZone {
  private readonly registry: Registry;
  /** a change applies to the next snapshot */
  settings: ZoneSettings;
  private readonly facts: () => ZoneFacts;
  private readonly random: () => number;
  private readonly sampler: ZoneSampler;
  private latest: ZoneViews | null = null;
  private oldest: number | null = null;
  private index: LabelIndex | null = null;

  /** `facts`: what the registry does not know, now. `random` gives numbers in [0, 1). */
  constructor(
    registry: Registry,
    settings: ZoneSettings,
    facts: () => ZoneFacts,
    random: () => number,
  ) {
    this.registry = registry;
    this.settings = settings;
    this.facts = facts;
    this.random = random;
    this.sampler = new ZoneSampler(registry, random);
  }

  /** The zone, at most a second old at `now`, machine ms. */
  views(now: number): ZoneViews {
    if (this.latest === null || now - this.latest.snapshot.madeAt >= snapshotMs) {
      const facts = this.facts();
      const oldestSeen = facts.oldestSeen ?? this.oldestAtFirst();
      const snapshot = this.sampler.take(this.settings, { ...facts, oldestSeen }, now);
      this.latest = new ZoneViews(snapshot);
    }
    return this.latest;
  }

  /**
   * Until the registry has been scanned once, a minute after the start: when the live host that was silent
   * longest was last seen, as of the first query. A list that was just loaded is as old as it is.
   */
  private oldestAtFirst(): number | null {
    if (this.oldest !== null) return this.oldest;
    const { registry } = this;
    let oldest = Number.POSITIVE_INFINITY;
    for (let row = 0; row < registry.rowsUsed; row++)
      if (registry.isLive(row)) oldest = Math.min(oldest, registry.lastSeen.at(row));
    this.oldest = Number.isFinite(oldest) ? oldest : null;
    return this.oldest;
  }

  /** The node's hosts; null: they cannot be told yet. */
  node(label: string, kinds: number, now: number): readonly NodeHost[] | null {
    this.index ??= new LabelIndex(this.registry, Math.floor(this.random() * 2 ** 32));
    const { registry, settings } = this;
    const rows = this.index.find(label, kinds);
    if (rows === null || rows.length === 0) return rows === null ? null : [];
    const time = { now, wall: this.facts().wall };
    return rows.map((row) => nodeHost(registry, row, settings, time));
  }

  /** Takes in what changed in the registry; to be called once a second. */
  look(): void {
    this.index?.refresh();
  }
}
