/**
 * Yes, no, or why it is not known. Nothing that is not known is ever guessed: it only gives way where it cannot matter.
 */
export type Answer = boolean | { readonly unknown: string };

export function isUnknown(answer: Answer): answer is { readonly unknown: string } {
  return typeof answer === 'object';
}

export function not(answer: Answer): Answer {
  return isUnknown(answer) ? answer : !answer;
}

/**
 * Do all hold? One that certainly does not decides, whatever is unknown. Later ones are only asked for when they may
 * matter.
 */
export function all(answers: Iterable<Answer>): Answer {
  let doubt: Answer = true;
  for (const answer of answers) {
    if (answer === false) return false;
    if (isUnknown(answer) && doubt === true) doubt = answer;
  }
  return doubt;
}

/** Does any hold? */
export function any(answers: Iterable<Answer>): Answer {
  let doubt: Answer = false;
  for (const answer of answers) {
    if (answer === true) return true;
    if (isUnknown(answer) && doubt === false) doubt = answer;
  }
  return doubt;
}
