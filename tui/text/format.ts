// Numbers, durations and times as the console prints them: short, in words where a unit could be
// misread, the same in every view.
const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** `1234567` as `1,234,567`, whatever the locale. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1` as `1 host`, `2` as `2 hosts`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** At most `units` units: `12 s`, `5 min`, `2 h 14 min`, `3 d 4 h`. Negative counts as zero. */
export function durationText(ms: number, units: 1 | 2 = 2): string {
  if (ms < secondMs) return '0 s';
  if (ms < minuteMs) return `${Math.floor(ms / secondMs)} s`;
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)} min`;
  const [large, small] =
    ms < dayMs
      ? [`${Math.floor(ms / hourMs)} h`, `${Math.floor((ms % hourMs) / minuteMs)} min`]
      : [`${Math.floor(ms / dayMs)} d`, `${Math.floor((ms % dayMs) / hourMs)} h`];
  return units === 1 || small.startsWith('0 ') ? large : `${large} ${small}`;
}

/** How long ago, as `12 s ago`, or `now` within the first second. */
export function ago(ms: number, units: 1 | 2 = 2): string {
  return ms < secondMs ? 'now' : `${durationText(ms, units)} ago`;
}

/** A rate with the digits that matter: `0`, `0.3`, `12.5`, `340`, `12,000`. */
export function rate(perSecond: number): string {
  if (perSecond <= 0) return '0';
  return perSecond < 99.95 ? perSecond.toFixed(1) : count(perSecond);
}

/** `84 MB`; binary multiples, as the system's own tools count memory. */
export function bytes(value: number): string {
  const mebibytes = value / 2 ** 20;
  return mebibytes < 1024 ? `${Math.round(mebibytes)} MB` : `${(mebibytes / 1024).toFixed(1)} GB`;
}

/** `24 B`, `4.1 KB`, `600 KB`, `19 MB`: as few digits as say how much it is. */
export function size(value: number): string {
  if (value < 1024) return `${value} B`;
  const kibibytes = value / 1024;
  if (kibibytes < 9.95) return `${kibibytes.toFixed(1)} KB`;
  return kibibytes < 1023.5 ? `${Math.round(kibibytes)} KB` : bytes(value);
}

/** Milliseconds with one decimal below ten: `0.4 ms`, `12 ms`. */
export function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** Where times are those of: all that are shown together, whether it was summer or winter then. */
export interface Zone {
  /** `UTC`, `+02:00`; stands behind a time, or over a column of them */
  name: string;
  /** milliseconds ahead of UTC */
  aheadMs: number;
}

export const utc: Zone = { name: 'UTC', aheadMs: 0 };

/** The zone of this machine as it is at the time `at`. */
export function localZone(at: number): Zone {
  const minutes = -new Date(at).getTimezoneOffset();
  if (minutes === 0) return utc;
  const ahead = Math.abs(minutes);
  const name = `${minutes < 0 ? '-' : '+'}${twoDigits(Math.floor(ahead / 60))}:${twoDigits(ahead % 60)}`;
  return { name, aheadMs: minutes * minuteMs };
}

/** The time of day in a zone that is named elsewhere: `14:03:07`. */
export function timeOfDay(at: number, { aheadMs }: Zone): string {
  return iso(at + aheadMs).slice(11, 19);
}

/** Date and time of day in a zone that is named elsewhere: `2026-05-01 14:03:07`. */
export function dateTime(at: number, { aheadMs }: Zone): string {
  return iso(at + aheadMs)
    .slice(0, 19)
    .replace('T', ' ');
}

/** Date and time of day with their zone: `2026-05-01 14:03:07 +02:00`. */
export function zonedTime(at: number, zone: Zone): string {
  return `${dateTime(at, zone)} ${zone.name}`;
}

/** For scripts: `2026-05-01T12:03:07.000Z`. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
