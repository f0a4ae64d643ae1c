import test from 'ava';
import { RedirectHistory } from '../../../daemon/clients/request-handler.ts';
import type { IpcService } from '../../../daemon/console/service.ts';
import { Subscription } from '../../../daemon/console/subscription.ts';
import { History } from '../../../daemon/core/stats/history.ts';
import { createCounters } from '../../../shared/counters.ts';
import type { Delta, Status } from '../../../shared/ipc/status-contract.ts';

/** A service with a given status and history, and a console that reads deltas on command. */
function setUp() {
  const history = new History();
  const status = {
    hosts: { live: 0, gone: 0, limit: 10 },
    ttlMs: 1_000,
    counters: createCounters(),
  } as Status;
  const redirects = new RedirectHistory();
  const service = {
    status: () => status,
    samplesAfter: (seq: number) => history.samples.after(seq),
    hourSamplesAfter: (seq: number) => history.hourSamples.after(seq),
    activityAfter: (seq: number) => history.activity.after(seq),
    redirectsAfter: (seq: number) => redirects.after(seq),
    countDropped: () => {
      status.counters = {
        ...status.counters,
        updatesDropped: status.counters.updatesDropped + 1,
      };
    },
  } as IpcService;
  const deltas: Delta[] = [];
  let taken = () => {};
  const subscription = new Subscription(service, (delta) => {
    deltas.push(delta);
    return new Promise((resolve) => {
      taken = resolve;
    });
  });
  const take = async () => {
    taken();
    await Promise.resolve();
  };
  return { history, status, deltas, subscription, take };
}

test('subscription › the snapshot has the full state', (t) => {
  const { history, status, subscription } = setUp();
  history.sample(500, 1, 2, createCounters());
  history.add(600, 'registered', '10.0.0.1:1', 'text');
  t.deepEqual(subscription.snapshot(1_000), {
    at: 1_000,
    status,
    samples: history.samples.after(0),
    hourSamples: [],
    activity: history.activity.after(0),
    redirects: [],
  });
});

test('subscription › a delta has what changed; without changes none is sent', async (t) => {
  const { history, status, deltas, subscription, take } = setUp();
  history.sample(500, 1, 2, createCounters());
  subscription.snapshot(1_000);
  subscription.tick(1_250);
  t.deepEqual(deltas, []);
  status.hosts = { live: 1, gone: 0, limit: 10 };
  subscription.tick(1_500);
  await take();
  history.sample(1_600, 1, 0, createCounters());
  history.add(1_700, 'left', null, 'text');
  subscription.tick(1_750);
  t.deepEqual(deltas, [
    {
      at: 1_500,
      status: { hosts: status.hosts },
      samples: [],
      hourSamples: [],
      activity: [],
      redirects: [],
      dropped: 0,
    },
    {
      at: 1_750,
      status: {},
      samples: history.samples.after(1),
      hourSamples: [],
      activity: history.activity.after(0),
      redirects: [],
      dropped: 0,
    },
  ]);
});

test('subscription › deltas for a console that does not read are dropped, and counted in the next one', async (t) => {
  const { history, status, deltas, subscription, take } = setUp();
  subscription.snapshot(1_000);
  status.ttlMs = 1;
  subscription.tick(1_250);
  for (let now = 1_500; now <= 2_250; now += 250) {
    status.ttlMs = now;
    history.add(now, 'registered', null, `at ${now}`);
    subscription.tick(now);
  }
  t.is(deltas.length, 1);
  await take();
  subscription.tick(2_500);
  t.is(deltas.length, 2);
  t.deepEqual(deltas[1], {
    at: 2_500,
    status: { ttlMs: 2_250, counters: { ...createCounters(), updatesDropped: 4 } },
    samples: [],
    hourSamples: [],
    activity: history.activity.after(0),
    redirects: [],
    dropped: 4,
  });
  await take();
  subscription.tick(2_750);
  t.is(deltas.length, 2);
  status.ttlMs = 3_000;
  subscription.tick(3_000);
  t.deepEqual(deltas[2], {
    at: 3_000,
    status: { ttlMs: 3_000 },
    samples: [],
    hourSamples: [],
    activity: [],
    redirects: [],
    dropped: 0,
  });
});

test('subscription › activity that left the ring buffer before it was sent is skipped', async (t) => {
  const { history, deltas, subscription } = setUp();
  subscription.snapshot(0);
  for (let i = 1; i <= 500; i++) history.add(i, 'registered', null, `${i}`);
  subscription.tick(250);
  const seqs = deltas[0]?.activity.map(({ seq }) => seq);
  t.deepEqual([seqs?.length, seqs?.[0], seqs?.at(-1)], [200, 301, 500]);
});
