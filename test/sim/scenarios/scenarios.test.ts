// Every scenario of this folder: its lesson, asserted while it is played, and its whole transcript.
import test from 'ava';
import { ageOfTheListShows } from './age-of-the-list-shows.ts';
import { futureIsRefused } from './future-is-refused.ts';
import { leavesAreCollected } from './leaves-are-collected.ts';
import { leftOverIsAskedFirst } from './left-over-is-asked-first.ts';
import { missedDeleteStaysDeleted } from './missed-delete-stays-deleted.ts';
import { missingFamilyHasNoShare } from './missing-family-has-no-share.ts';
import { muteServerStopsNoDelete } from './mute-server-stops-no-delete.ts';
import { nobodyComesAtOnce } from './nobody-comes-at-once.ts';
import { offlineServerKeepsItsList } from './offline-server-keeps-its-list.ts';
import { partitionOfHoursHeals } from './partition-of-hours-heals.ts';
import { pauseExpiresNobody } from './pause-expires-nobody.ts';
import { renewalsStarveNobody } from './renewals-starve-nobody.ts';
import { restartClaimsNoFullList } from './restart-claims-no-full-list.ts';
import type { Scenario } from './script.ts';
import { shrinkEndsSelfPreservation } from './shrink-ends-self-preservation.ts';
import { silentCrowdKeepsNobodyOut } from './silent-crowd-keeps-nobody-out.ts';
import { takeoverJudgesAnew } from './takeover-judges-anew.ts';

const scenarios: readonly Scenario[] = [
  takeoverJudgesAnew,
  pauseExpiresNobody,
  shrinkEndsSelfPreservation,
  restartClaimsNoFullList,
  renewalsStarveNobody,
  partitionOfHoursHeals,
  leavesAreCollected,
  missedDeleteStaysDeleted,
  futureIsRefused,
  leftOverIsAskedFirst,
  silentCrowdKeepsNobodyOut,
  nobodyComesAtOnce,
  offlineServerKeepsItsList,
  ageOfTheListShows,
  muteServerStopsNoDelete,
  missingFamilyHasNoShare,
];

for (const { thread, lesson, play, transcript } of scenarios)
  test(`scenario › ${lesson} (${thread})`, (t) => {
    t.is(play(t), transcript);
  });
