const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const two = (value: number): string => String(value).padStart(2, '0');

/** A duration as short as it can be read: `0.4 s`, `42 s`, `3m 07s`, `1h 04m`, `2d 03h`. */
export function duration(ms: number): string {
  if (ms < 0) return '0 s';
  if (ms < 1) return '<1 ms';
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m ${two(Math.floor((ms % MINUTE) / SECOND))}s`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)}h ${two(Math.floor((ms % HOUR) / MINUTE))}m`;
  return `${Math.floor(ms / DAY)}d ${two(Math.floor((ms % DAY) / HOUR))}h`;
}

/** A running duration: whole seconds, so that it counts like a clock. */
export function running(ms: number): string {
  return ms < MINUTE ? `${Math.max(0, Math.floor(ms / SECOND))} s` : duration(ms);
}

/** How long ago. */
export function ago(at: number, now: number): string {
  const age = now - at;
  if (age < 5 * SECOND) return 'just now';
  if (age < MINUTE) return `${Math.floor(age / SECOND)}s ago`;
  if (age < HOUR) return `${Math.floor(age / MINUTE)}m ago`;
  if (age < DAY) return `${Math.floor(age / HOUR)}h ago`;
  if (age < 7 * DAY) return `${Math.floor(age / DAY)}d ago`;
  return date.format(at);
}

const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const moment = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  timeZoneName: 'short',
});
const clockTime = {
  minutes: new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' }),
  seconds: new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' }),
};

/** The exact time, for people. */
export function exact(at: number): string {
  return moment.format(at);
}

/** The time of day, with the date when that is another. */
export function clock(at: number, now: number, precision: keyof typeof clockTime = 'minutes'): string {
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString();
  const time = clockTime[precision].format(at);
  return sameDay ? time : `${date.format(at)}, ${time}`;
}

/** The exact time, for machines. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}

/** An id short enough for a line: UUIDs and hashes lose their tail. */
export function short(id: string): string {
  return id.length > 20 ? `${id.slice(0, 13)}…` : id;
}

/** `1 item`, `2 items`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
