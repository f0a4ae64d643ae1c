// What goes wrong between name servers and nodes, and at name servers, until all is mended. Each kind
// begins by itself and ends after some minutes, but for the last strokes, one of each, which stay.
import type { Fleet } from '../fleet.ts';
import type { Server } from '../server.ts';
import type { Churn } from './churn.ts';
import type { Internet } from './internet.ts';

/** ms, on average, between two strokes, and from a stroke to its end. */
const pauseMs = 4 * 60_000;
const lastsMs = 6 * 60_000;

const strokes = ['split', 'deafness', 'seclusion', 'crash'] as const;

type Stroke = (typeof strokes)[number];

export class Weather {
  /** how often each kind struck */
  readonly counts: Record<Stroke, number> = { split: 0, deafness: 0, seclusion: 0, crash: 0 };
  private readonly fleet: Fleet;
  private readonly internet: Internet;
  private readonly churn: Churn;
  private isMended = true;
  private isOver = false;

  constructor(fleet: Fleet, internet: Internet, churn: Churn) {
    this.fleet = fleet;
    this.internet = internet;
    this.churn = churn;
  }

  start(): void {
    for (const stroke of strokes) this.again(stroke);
  }

  /** Every line is mended and every server runs. */
  end(): void {
    this.isOver = true;
    this.fleet.heal();
    for (const server of this.fleet.servers) this.restart(server);
  }

  /** Strikes once with each; from here on nothing is mended before the end. */
  worsen(): void {
    this.isMended = false;
    for (const stroke of strokes) this.strike(stroke);
  }

  private strike(stroke: Stroke): void {
    this.counts[stroke]++;
    this[stroke]();
  }

  private again(stroke: Stroke): void {
    const { world } = this.fleet;
    world.after(2 * strokes.length * pauseMs * world.random(), () => {
      if (this.isOver) return;
      this.strike(stroke);
      this.again(stroke);
    });
  }

  private later(run: () => void): void {
    this.fleet.world.after(2 * lastsMs * this.fleet.world.random(), () => {
      if (this.isMended && !this.isOver) run();
    });
  }

  /** One server and the others do not hear each other; half of the time the connections break too. */
  private split(): void {
    const { fleet } = this;
    const { world, servers } = fleet;
    const { index } = world.pick(servers);
    const others = servers.map((server) => server.index).filter((other) => other !== index);
    fleet.partition([index], others);
    if (world.random() < 0.5) for (const other of others) fleet.reset(index, other);
    this.later(() => {
      for (const other of others) fleet.mend(index, other);
    });
  }

  /** Some nodes and one server, or two, do not hear each other. */
  private deafness(): void {
    const { world, servers } = this.fleet;
    const spared = world.pick(servers);
    const deaf = servers.filter((server) => server !== spared && world.random() < 0.7);
    this.deafen(deaf, world.between(0.1, 0.6));
  }

  /** A few nodes reach no name server, only each other. */
  private seclusion(): void {
    this.deafen(this.fleet.servers, 0.05);
  }

  private deafen(servers: readonly Server[], share: number): void {
    const { world, reach } = this.fleet;
    const some = this.churn.nodes.filter(() => world.random() < share);
    const lines = servers.flatMap(({ index }) =>
      some.map(({ address }): [number, string] => [index, address]),
    );
    for (const line of lines) reach.deafen(...line);
    this.later(() => {
      for (const line of lines) reach.undeafen(...line);
    });
  }

  private crash(): void {
    const server = this.fleet.world.pick(this.fleet.servers);
    if (server.process === null) return;
    const kind = this.fleet.world.random() < 0.5 ? 'process' : 'machine';
    if (kind === 'machine') this.internet.off.add(server);
    server.crash(kind);
    this.later(() => this.restart(server));
  }

  private restart(server: Server): void {
    this.internet.off.delete(server);
    server.start();
  }
}
