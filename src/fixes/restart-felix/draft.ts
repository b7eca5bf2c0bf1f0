import type { FixDraft } from '../../model/fix.ts';
import type { FelixOfPod } from '../../model/fix-inputs.ts';
import { diffOfLine } from '../kit/diff.ts';
import type { RunningFelix } from './look.ts';

/** A Felix that starts reads everything, then programs everything. */
const withinSeconds = 120;

/** calicoctl of a node may have another certificate than its Felix. */
const withOtherCredentials =
  ' The datastore answers calicoctl. Nothing checked the credentials of Felix itself: if they do not hold, Felix ' +
  'keeps its old rules after the restart, too.';

export function draft({ node, nodeAddress, datastore }: FelixOfPod, { processes }: RunningFelix): FixDraft {
  return {
    title: `Restart Felix on ${node}`,
    reason:
      'A Felix that starts reads the datastore anew and programs every route, chain and set of its node. The pod of ' +
      'calico-node stays, so BIRD goes on and the image is the same. The rules and routes of Felix stay until it ' +
      'writes them anew. This does not remove what stopped Felix or held it back: read its log before the restart.' +
      (datastore === 'etcdv3' ? withOtherCredentials : ''),
    steps: [
      {
        description: 'Restart Felix through the supervisor in its container',
        command: "sv restart felix   # in the container of calico-node: writes tcu to the supervisor's control file",
        node,
      },
    ],
    diff: diffOfLine(
      `${node} Felix`,
      processes === '' ? 'no process' : `process ${processes}`,
      'a new process, ready within 90 s',
    ),
    blastRadius:
      `Felix of ${node}: until it is ready, new pods and policies are not programmed there. It then applies all that ` +
      'it missed, also policies that deny',
    scope: { kind: 'node', node },
    risk: 'medium',
    rollback: { kind: 'none', description: 'Nobody can roll back a restart.' },
    withinSeconds,
    nodes: [{ name: node, address: nodeAddress }],
  };
}
