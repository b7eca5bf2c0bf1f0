import { z } from 'zod';
import { sysctlForwardingOff, sysctlForwardingOn } from '../../commands/sysctl.ts';
import { defineFix } from '../../model/fix.ts';
import type { InterfaceKey } from '../../model/fix-inputs.ts';
import { openWays, policyDeniedFlow } from '../kit/controls.ts';
import { interfaceShape } from '../kit/input-shapes.ts';
import { turnsOn } from '../kit/interface-key.ts';

/** Turns forwarding on for one interface of Calico's, and never net.ipv4.ip_forward: that one sets every interface. */
export const turnOnForwarding = defineFix({
  id: 'turn-on-forwarding',
  description: "Turns IPv4 forwarding on for one of Calico's interfaces on a node that forwards otherwise.",
  risk: 'low',
  during: { seconds: 5, traffic: 'no flow stops' },
  input: z.strictObject(interfaceShape),
  permissions: [],
  controls: [openWays, policyDeniedFlow],
  ...turnsOn<InterfaceKey>({
    key: 'forwarding',
    on: sysctlForwardingOn,
    off: sysctlForwardingOff,
    title: ({ interface: name, node }) => `Turn on forwarding for ${name} on ${node}`,
    reason:
      'Forwarding is off for this interface alone, so the node drops what comes in by it for another host. ' +
      'Calico turns it on for its interfaces when it makes them. This does not change net.ipv4.ip_forward or ' +
      'another interface.',
    blastRadius: ({ interface: name, node }) =>
      `packets that come in by ${name} on ${node}: the node forwards them again, and its packet filter decides ` +
      'about them as before',
    scope: ({ node }) => ({ kind: 'node', node }),
  }),
});
