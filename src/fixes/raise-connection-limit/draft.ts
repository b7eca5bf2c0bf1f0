import type { FixDraft } from '../../model/fix.ts';
import type { OneNode } from '../../model/fix-inputs.ts';
import { diffOfLine } from '../kit/diff.ts';
import type { FullTable } from './look.ts';
import { shellCommand } from '../../model/shell-words.ts';

/** The kernel acts on the new bound at once; the test packets need some seconds. */
const withinSeconds = 30;

export function draft({ node, nodeAddress }: OneNode, { limit, wanted, megabytes, talkers }: FullTable): FixDraft {
  const key = 'net.netfilter.nf_conntrack_max';
  return {
    title: `Track up to ${wanted} connections on ${node}`,
    reason:
      `The connection table of ${node} is full, and its kernel drops packets for which it has no room. The most ` +
      `frequent sources in a sample of its entries: ${talkers}. The table fills again if these go on: find out why ` +
      'they open so many connections. The new bound lasts until the node restarts, somebody runs sysctl --system, or ' +
      'kube-proxy starts and sets its own.',
    steps: [{ description: `Set ${key}`, command: shellCommand`sysctl -w ${key}=${wanted}`, node }],
    diff: diffOfLine(`${node} ${key}`, String(limit), String(wanted)),
    blastRadius:
      `up to ${megabytes} MB more memory for the kernel of ${node}. Its pods and the node itself get new ` +
      'connections again',
    scope: { kind: 'node', node },
    owner: 'kube-proxy, which sets the bound when it starts',
    risk: 'medium',
    rollback: {
      kind: 'best-effort',
      description: `Set ${key} back to ${limit}, if nobody set it since and the tracked connections fit.`,
    },
    withinSeconds,
    nodes: [{ name: node, address: nodeAddress }],
  };
}
