/** Of how many pieces a limit is made. */
const pieces = 10;

/**
 * Calls back after a time in which this process could have heard an answer. A process that is held up, by work of its
 * own or by a busy machine, does not hear what has long arrived: a piece that ends late counts once, and what arrived
 * during the last one is heard first.
 * @returns what stops it
 */
export function afterAwake(milliseconds: number, then: () => void): () => void {
  let left = pieces;
  let timer: NodeJS.Timeout;
  let last: NodeJS.Immediate | undefined;
  const next = () => {
    left -= 1;
    // Timers come before input and output in a turn of the loop, and this comes after them.
    if (left < 0) last = setImmediate(then);
    else timer = setTimeout(next, milliseconds / pieces);
  };
  next();
  return () => {
    clearTimeout(timer);
    clearImmediate(last);
  };
}
