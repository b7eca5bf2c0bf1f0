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
  const written =
    date !== undefined ? `${date}T${time}Z` : month !== undefined ? `${at.slice(0, 4)}-${month}-${day}T${hour}Z` : null;
  const minutes = written === null ? Number.NaN : (Date.parse(at) - Date.parse(written)) / 60_000;
  return Number.isNaN(minutes) ? null : minutes;
}
