// What many seeds came to, in numbers, and the failed ones with the command that replays each.
import { type Report, replayOf } from './scenario.ts';
import { type Kind, kindNames } from './trouble.ts';

export class Summary {
  seeds = 0;
  readonly failed: Report[] = [];
  private deletes = 0;
  private answered = 0;
  private virtualMs = 0;
  private bytes = 0;
  private readonly trouble = Object.fromEntries(kindNames.map((kind) => [kind, 0])) as Record<
    Kind,
    number
  >;

  add(report: Report): void {
    this.seeds++;
    if (report.problems.length > 0) this.failed.push(report);
    this.deletes += report.deletes;
    this.answered += report.answered;
    this.virtualMs += report.virtualMs;
    this.bytes += report.bytes;
    for (const kind of kindNames) this.trouble[kind] += report.trouble[kind];
  }

  /** A line for each of the numbers that belong together. */
  lines(): string[] {
    const { crash, cut, partition, ...others } = this.trouble;
    const rest = Object.entries(others).map(([kind, count]) => `${count} ${kind}`);
    return [
      `${this.seeds} seeds, ${this.failed.length} failed`,
      `${(this.virtualMs / 3_600_000).toFixed(1)} virtual hours, ${this.answered} answered, ${this.deletes} deletes, ${(this.bytes / 1e6).toFixed(0)} MB between servers`,
      `${crash} crashes, ${cut} cuts, ${partition} partitions, ${rest.join(', ')}`,
    ];
  }
}

/** A failed seed: what was wrong, as far as it helps, and how to see it. */
export function failureText(report: Report, most = 5): string {
  const { seed, problems } = report;
  const shown = problems.slice(0, most).map((problem) => `  ${problem}`);
  if (problems.length > most) shown.push(`  and ${problems.length - most} more`);
  return [`seed ${seed} failed; replay it with: ${replayOf(report)}`, ...shown].join('\n');
}
