/** Moments in the person's own time zone; the zone itself is for the hover. */
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DATE_CLOCK = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const WITH_ZONE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** `14:20:31`, with the date when it is not today. */
export function momentWords(atMs: number, nowMs: number): string {
  const isSameDay = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
  return (isSameDay ? CLOCK : DATE_CLOCK).format(atMs);
}

/** `Monday, 24 November 2025 at 14:20:31 CET`. */
export function momentWithZone(atMs: number): string {
  return WITH_ZONE.format(atMs);
}

export function dayWords(atMs: number): string {
  return DAY.format(atMs);
}
