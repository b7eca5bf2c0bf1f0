import type { Transcript } from '../../model/command.ts';
import type { FixContext } from '../../model/fix.ts';
import type { MissingProfile } from '../../model/fix-inputs.ts';
import { calicoctlOn, type Calicoctl } from '../kit/calicoctl.ts';

/** Returns calicoctl on the pod's node, which runs the commands that this fix declares. */
export function calicoctlOf({ shells }: FixContext, { node, nodeAddress }: MissingProfile): Calicoctl {
  return calicoctlOn(shells, { name: node, address: nodeAddress });
}

/** Returns the start of what a command printed. */
export function said({ stderr, stdout }: Transcript): string {
  return `${stderr}${stdout}`.trim().slice(0, 300);
}
