/** Yes, no, or why neither is known. An unknown is never guessed: it counts unless a certain answer decides. */
export type Answer = boolean | { readonly unknown: string };

export function isUnknown(answer: Answer): answer is { readonly unknown: string } {
  return typeof answer === 'object';
}

export function not(answer: Answer): Answer {
  return isUnknown(answer) ? answer : !answer;
}

/**
 * Do all hold? One certain no decides, whatever else is unknown. The answers behind it are not computed.
 */
export function all(answers: Iterable<Answer>): Answer {
  let doubt: Answer = true;
  for (const answer of answers) {
    if (answer === false) return false;
    if (isUnknown(answer) && doubt === true) doubt = answer;
  }
  return doubt;
}

/** Does any hold? One certain yes decides, whatever else is unknown. */
export function any(answers: Iterable<Answer>): Answer {
  let doubt: Answer = false;
  for (const answer of answers) {
    if (answer === true) return true;
    if (isUnknown(answer) && doubt === false) doubt = answer;
  }
  return doubt;
}
