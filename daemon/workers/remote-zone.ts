// Where hosts come from in a process without the registry: it asks the one that has it. A snapshot is asked for while
// queries come, and no query waits for it unless the last one is old; nodes are asked for one by one. Answers come by
// their numbers; whoever loses one, loses all: then the process ends.
import type { ZoneSource } from '../clients/dns-responder.ts';
import { type RegistryZone, snapshotMs } from '../core/dns/registry-zone.ts';
import type { NodeHost, ZoneSnapshot } from '../core/dns/zone-snapshot.ts';
import { ZoneViews } from '../core/dns/zone-view.ts';

/** An older snapshot answers nobody: queries wait for the next, ms. */
const maxAgeMs = 5_000;

/** Nodes asked for at once; of more, queries are answered that the server is busy. */
const maxAsked = 1_024;

/** Has questions of other processes answered by the one with the registry. */
export function answerQuestion(
  zone: RegistryZone,
  question: ZoneQuestion,
  now: number,
): ZoneAnswer {
  const { about } = question;
  if (about === 'zone') return { about, snapshot: zone.views(now).snapshot };
  return { about, hosts: zone.node(question.label, question.kinds, now) };
}

/** What the other process is asked: for a snapshot, or for a node's hosts. */
export type ZoneQuestion = { about: 'zone' } | { about: 'node'; label: string; kinds: number };

/** Its answers. */
export type ZoneAnswer =
  | { about: 'zone'; snapshot: ZoneSnapshot }
  | { about: 'node'; hosts: readonly NodeHost[] | null };

/** The hosts that another process has. */
export class RemoteZone implements ZoneSource {
  private readonly send: (number: number, question: ZoneQuestion) => void;
  private latest: ZoneViews | null = null;
  private last = 0;
  private fresh: Promise<ZoneViews | null> | null = null;
  private readonly asked = new Map<number, (answer: ZoneAnswer) => void>();

  /** `send`: a question goes to the other process; its answer comes with the same number. */
  constructor(send: (number: number, question: ZoneQuestion) => void) {
    this.send = send;
  }

  views(now: number): ZoneViews | Promise<ZoneViews | null> {
    const age = this.latest === null ? maxAgeMs : now - this.latest.snapshot.madeAt;
    if (this.latest !== null && age < snapshotMs) return this.latest;
    this.fresh ??= this.ask({ about: 'zone' }).then((answer) => {
      this.fresh = null;
      if (answer?.about === 'zone') this.latest = new ZoneViews(answer.snapshot);
      return this.latest;
    });
    return this.latest !== null && age < maxAgeMs ? this.latest : this.fresh;
  }

  node(label: string, kinds: number): Promise<readonly NodeHost[] | null> {
    if (this.asked.size >= maxAsked) return Promise.resolve(null);
    return this.ask({ about: 'node', label, kinds }).then((answer) =>
      answer.about === 'node' ? answer.hosts : null,
    );
  }

  /** The answer to the question with that number. */
  answered(number: number, answer: ZoneAnswer): void {
    this.asked.get(number)?.(answer);
    this.asked.delete(number);
  }

  private ask(question: ZoneQuestion): Promise<ZoneAnswer> {
    const number = ++this.last;
    return new Promise((resolve) => {
      this.asked.set(number, resolve);
      this.send(number, question);
    });
  }
}
