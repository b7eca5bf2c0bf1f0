import type { FixDraft } from '../../model/fix.ts';
import type { NodeInterface } from '../../model/fix-inputs.ts';
import { diffOfLine } from '../kit/diff.ts';
import type { DownDevice } from './look.ts';
import { shellCommand } from '../../model/shell-words.ts';

/** Calico's programs write the routes through it again when they next look: BIRD within 10 s, Felix within 90 s. */
const withinSeconds = 90;

export function draft({ node, nodeAddress, interface: name }: NodeInterface, { address }: DownDevice): FixDraft {
  return {
    title: `Bring up tunnel device ${name} on ${node}`,
    reason:
      `Somebody took the device down, and the kernel removed the routes through it. The device has its address ` +
      `${address}. Calico's programs write the routes again once it is up. This does not say who took it down: it ` +
      'may happen again.',
    steps: [{ description: `Bring ${name} up`, command: shellCommand`ip link set dev ${name} up`, node }],
    diff: diffOfLine(`${node} ${name}`, 'state DOWN', 'state UP'),
    blastRadius:
      `packets between pods of ${node} and pods of other nodes: they travel through the tunnel again. Policies ` +
      'decide about them as before',
    scope: { kind: 'node', node },
    risk: 'medium',
    rollback: {
      kind: 'best-effort',
      description: `Take ${name} down again, if it is still the same device. The routes through it go with it.`,
    },
    withinSeconds,
    nodes: [{ name: node, address: nodeAddress }],
  };
}
