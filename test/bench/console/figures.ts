// How the tables of the console give their figures.

/** The smallest of `numbers` that `share` of them do not exceed. */
export function at(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function fixed(ms: number): string {
  return ms.toFixed(1);
}

export function verdict(isMet: boolean): string {
  return isMet ? 'yes' : 'no';
}

export function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}
