import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { bgpSessionDown } from './bgp-session-down.ts';
import { calicoNodeForbidden } from './calico-node-forbidden.ts';
import { controllerAccountWrong } from './controller-account-wrong.ts';
import { controllerForbidden } from './controller-forbidden.ts';
import { ipipBlocked } from './ipip-blocked.ts';
import { vxlanBlocked } from './vxlan-blocked.ts';

export const firstCase = defineFault({
  name: 'first-case',
  summary: 'ipip-blocked and controller-forbidden at once',
  parts: [ipipBlocked.name, controllerForbidden.name],
  partsWith: {
    vxlan: [vxlanBlocked.name, controllerForbidden.name],
    crosssubnet: [vxlanBlocked.name, controllerForbidden.name],
    none: [bgpSessionDown.name, controllerForbidden.name],
  },
  partsInKubernetes: { [controllerForbidden.name]: calicoNodeForbidden.name },
  // As it was: not a right was missing, the account was the wrong one.
  partsInEra2: { [controllerForbidden.name]: controllerAccountWrong.name },
  eras: ['2', '3'],
  expects: {
    verdict: 'fault',
    roots: ['ipip-lost-between-nodes', 'controller-forbidden'],
    consequences: ['pod-profile-missing'],
    answers: [flow('node-a', 'default/mypod')],
    silent: [flow('default/client', 'default/mypod'), flow('shop/api', 'default/client')],
  },
});
