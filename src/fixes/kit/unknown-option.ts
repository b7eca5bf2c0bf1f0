import { isUnknownOption } from '../../calico/calicoctl-answers.ts';
import type { Transcript } from '../../model/command.ts';
import { LookError } from '../../model/look-error.ts';

/** Returns why a fix cannot use this calicoctl, which prints how it is used; null: it knows the options. */
export function unknownOption(transcript: Transcript): LookError | null {
  return isUnknownOption(transcript)
    ? new LookError(
        'not-supported',
        `calicoctl on ${transcript.node} does not know an option of this fix: it is of Calico 2.x, or of the first ` +
          'of version 3',
      )
    : null;
}
