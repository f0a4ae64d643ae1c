// How many hosts may come anew in a minute: of a source, and of a network.
import test from 'ava';
import {
  type NewHostLimits,
  type NodeRequest,
  Registrar,
} from '../../../../daemon/core/query/registrar.ts';
import { Registry } from '../../../../daemon/core/registry/registry.ts';
import { createCounters } from '../../../../shared/counters.ts';
import { packAddress } from '../../../../shared/protocol/address.ts';
import { native } from '../../../../shared/protocol/dialect.ts';
import { decode } from '../../../shared/protocol/wire.ts';

class Scene {
  readonly counters = createCounters();
  now = 1_000;
  private readonly registrar: Registrar;

  constructor(limits: NewHostLimits) {
    this.registrar = new Registrar(new Registry({ maxHosts: 1_000 }), this.counters);
    this.registrar.configure(limits);
  }

  /** `done`, or why not. */
  ask(from: string, line: string): string {
    const [request] = decode(native, `${line}\n`) as unknown as [NodeRequest];
    const origin = { ip: packAddress(from, 1) as Uint32Array, dialect: 'native' as const };
    const outcome = this.registrar.carryOut(request, origin, this.now++);
    if (typeof outcome === 'string') return 'done';
    return outcome.kind === 'busy' ? `busy ${outcome.seconds}` : outcome.code;
  }
}

test('new hosts › those of a source beyond its minute are told to come back, known ones are served', (t) => {
  const scene = new Scene({ newHostsPerSource: 20, newHostsPerNetwork: 50 });
  const alive = (from: string, port: number) => scene.ask(from, `alive n${port} ${port}`);
  const fill = (from: string, most: number) => {
    for (let port = 1; port <= most; port++) t.is(alive(from, port), 'done', `${from}:${port}`);
    t.is(alive(from, 60_000), 'busy 20');
  };
  fill('192.0.2.1', 20);
  t.is(scene.ask('192.0.2.1', 'query n60000 60000'), 'busy 20');
  t.is(alive('192.0.2.1', 7), 'done', 'it is known');
  t.is(alive('192.0.2.2', 1), 'done', 'another source');
  // 41 of its /24 by now: another one may have nine.
  fill('192.0.2.2', 20);
  fill('192.0.2.3', 10);
  t.is(alive('192.0.3.1', 1), 'done', 'another network');
  t.is(scene.counters.tooManyNew, 4);
  scene.now += 20_000;
  t.is(alive('192.0.2.1', 60_000), 'done', 'some seconds later');
});

test('new hosts › an address that leaves and comes back counts each time, and this machine never', (t) => {
  const scene = new Scene({ newHostsPerSource: 16, newHostsPerNetwork: 16 });
  for (let i = 0; i < 16; i++) {
    t.is(scene.ask('2001:db8::1', 'alive n 4000'), 'done');
    t.is(scene.ask('2001:db8::1', 'leave n 4000'), 'done');
  }
  t.is(scene.ask('2001:db8::1', 'alive n 4000'), 'busy 20');
  t.is(scene.ask('2001:db8::1', 'leave n 4000'), 'done', 'to leave is always right');
  for (let port = 1; port < 100; port++) t.is(scene.ask('127.0.0.1', `alive n ${port}`), 'done');
});
