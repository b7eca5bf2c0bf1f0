const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', month: 'long', day: 'numeric' });

/** The moment of a message's timestamp. */
export const momentOf = (ts) => new Date(Number(ts) * 1000);

/** Hours and minutes. */
export const timeOf = (ts) => time.format(momentOf(ts));

/** The whole date and time. */
export const fullTimeOf = (ts) => full.format(momentOf(ts));

/** The day, for dividers. */
export const dayOf = (ts) => day.format(momentOf(ts));

/** A `<!date>` or rich-text date in Slack's format tokens. */
export function formatDate(seconds, format) {
  const moment = new Date(seconds * 1000);
  const tokens = {
    '{date_num}': moment.toISOString().slice(0, 10),
    '{time}': time.format(moment),
    '{time_secs}': moment.toLocaleTimeString(),
    '{ago}': moment.toLocaleString(),
  };
  return format.replaceAll(
    /\{\w+\}/g,
    (token) =>
      tokens[token] ?? moment.toLocaleDateString(undefined, { dateStyle: token.includes('long') ? 'long' : 'medium' }),
  );
}
