// The schedule of the demo network: nodes join, leave, crash and come back, a name server gets a burst of slow
// clients, another one goes down for a while. Pure: time and randomness come in, acts go out, and the same seed
// gives the same run. The plan assumes that every act is performed at once and succeeds.

export type Act =
  /** `through`: the name server to ask first, by its number */
  | { kind: 'join'; node: number; through: number }
  | { kind: 'leave'; node: number }
  | { kind: 'crash'; node: number }
  /** slow clients fill the server's backlog for so long */
  | { kind: 'burst'; server: number; forMs: number }
  /** the server is killed, and comes back after so long */
  | { kind: 'outage'; server: number; forMs: number };

export interface PlanOptions {
  nodes: number;
  servers: number;
  /** gives numbers in [0, 1) */
  random: () => number;
  /** the time now, in ms on any clock */
  now: number;
  /** after which name servers ping a node that has gone silent */
  ttlMs: number;
}

interface Range {
  fromMs: number;
  toMs: number;
}

/** All nodes join within this time, except those kept for the first burst. */
const opening: Range = { fromMs: 0, toMs: 2_000 };
/** How long a node stays. The shortest stays make events in a run of seconds. */
const stay: Range = { fromMs: 2_000, toMs: 90_000 };
/** How long a node that left is away. */
const absence: Range = { fromMs: 5_000, toMs: 25_000 };
/** How long a crashed node is away that comes back before it expires. */
const restart: Range = { fromMs: 3_000, toMs: 10_000 };
/** How much longer than the TTL other crashed nodes are away. */
const longAbsence: Range = { fromMs: 10_000, toMs: 40_000 };

/** Share of ending nodes that send `leave`; the others crash. */
const leavingShare = 0.6;
/** Share of crashed nodes that come back within the TTL. */
const restartShare = 0.4;

const firstBurstMs = 2_500;
const betweenBursts: Range = { fromMs: 12_000, toMs: 20_000 };
const burstMs = 3_000;
/** Nodes that join while a backlog is full, to be redirected, and when. */
const rush = { nodes: 6, when: { fromMs: 500, toMs: 2_000 } };

const firstOutageMs = 10_000;
const betweenOutages: Range = { fromMs: 30_000, toMs: 50_000 };
const outage: Range = { fromMs: 6_000, toMs: 9_000 };

interface Due {
  at: number;
  act: Act;
}

export class Plan {
  private readonly options: PlanOptions;
  private readonly due: Due[] = [];
  /** by server that is down: when it is back */
  private readonly downUntil = new Map<number, number>();

  constructor(options: PlanOptions) {
    this.options = options;
    const { nodes, servers, now } = options;
    for (let node = 0; node < nodes; node++) {
      const isKept = nodes - node <= rush.nodes;
      const wait = isKept ? firstBurstMs + this.within(absence) : this.within(opening);
      this.add(now + wait, { kind: 'join', node, through: node % servers });
    }
    this.add(now + firstBurstMs, { kind: 'burst', server: 0, forMs: burstMs });
    this.planOutage(now + firstOutageMs);
  }

  /** When the next act is due. */
  get nextAt(): number {
    return this.due[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** The acts that are due by `now`, in order, each once. */
  take(now: number): Act[] {
    const acts: Act[] = [];
    for (let first = this.due[0]; first !== undefined && first.at <= now; first = this.due[0]) {
      this.due.shift();
      acts.push(first.act);
      this.goOn(first);
    }
    return acts;
  }

  private goOn({ at, act }: Due): void {
    switch (act.kind) {
      case 'join': {
        const kind = this.options.random() < leavingShare ? 'leave' : 'crash';
        this.add(at + this.within(stay), { kind, node: act.node });
        break;
      }
      case 'leave':
        this.planReturn(at + this.within(absence), act.node);
        break;
      case 'crash': {
        const isSoonBack = this.options.random() < restartShare;
        const away = isSoonBack
          ? this.within(restart)
          : this.options.ttlMs + this.within(longAbsence);
        this.planReturn(at + away, act.node);
        break;
      }
      case 'burst':
        this.hurry(at, act.server);
        this.planBurst(at + act.forMs + this.within(betweenBursts));
        break;
      case 'outage':
        this.downUntil.set(act.server, at + act.forMs);
        this.planOutage(at + act.forMs + this.within(betweenOutages));
    }
  }

  /** Lets the nodes that would join next do so during the burst, at its server. */
  private hurry(at: number, server: number): void {
    const joins = this.due.filter(({ act }) => act.kind === 'join').slice(0, rush.nodes);
    for (const due of joins) {
      this.due.splice(this.due.indexOf(due), 1);
      const { node } = due.act as Act & { kind: 'join' };
      this.add(at + this.within(rush.when), { kind: 'join', node, through: server });
    }
  }

  private planReturn(at: number, node: number): void {
    this.add(at, { kind: 'join', node, through: this.pick(this.options.servers) });
  }

  /** Half of the bursts hit the first server, to which the console is attached. */
  private planBurst(at: number): void {
    const { servers, random } = this.options;
    const isUp = (server: number) => at >= (this.downUntil.get(server) ?? at);
    const up = Array.from({ length: servers }, (_, server) => server).filter(isUp);
    const server = random() < 0.5 ? 0 : (up[this.pick(up.length)] ?? 0);
    this.add(at, { kind: 'burst', server, forMs: burstMs });
  }

  /** Never the first server: the console is attached to it. */
  private planOutage(at: number): void {
    const { servers } = this.options;
    if (servers < 2) return;
    const server = 1 + this.pick(servers - 1);
    this.add(at, { kind: 'outage', server, forMs: this.within(outage) });
  }

  private add(at: number, act: Act): void {
    const before = this.due.findIndex((other) => other.at > at);
    this.due.splice(before === -1 ? this.due.length : before, 0, { at, act });
  }

  private pick(count: number): number {
    return Math.floor(this.options.random() * count);
  }

  private within({ fromMs, toMs }: Range): number {
    return fromMs + this.options.random() * (toMs - fromMs);
  }
}
