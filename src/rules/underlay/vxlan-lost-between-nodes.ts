import { defineRule } from '../../model/rule.ts';
import { vxlan } from '../../tunnels/vxlan.ts';
import { lostBetweenNodes } from '../lib/lost-between-nodes.ts';

export const vxlanLostBetweenNodes = defineRule({
  id: 'vxlan-lost-between-nodes',
  ...lostBetweenNodes(vxlan),
});
