/** `2026-11-23 18:11:14.910`, as Calico and Python write it; the year first. */
const dated = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})/;
/** `E1123 18:11:14.910000`, as Kubernetes' own libraries write it: month and day, without the year. */
const klog = /^[IWEF](\d{2})(\d{2}) (\d{2}:\d{2}:\d{2})/;

/**
 * Returns how many minutes before `at` a line of a log was written; null: the line does not say. Containers log in UTC.
 * @param at ISO 8601
 */
export function minutesBefore(at: string, line: string): number | null {
  const [, date, time] = dated.exec(line) ?? [];
  const [, month, day, hour] = klog.exec(line) ?? [];
  const before = (written: string) => (Date.parse(at) - Date.parse(written)) / 60_000;
  const minutes = date !== undefined ? before(`${date}T${time}Z`) : ofLatest(at, `${month}-${day}T${hour}Z`, before);
  return Number.isNaN(minutes) ? null : minutes;
}

/** A day that is still to come is of the year before: clocks differ by less than a day. */
function ofLatest(at: string, dayAndTime: string, before: (written: string) => number): number {
  const year = Number(at.slice(0, 4));
  const minutes = before(`${year}-${dayAndTime}`);
  return minutes < -24 * 60 ? before(`${year - 1}-${dayAndTime}`) : minutes;
}
