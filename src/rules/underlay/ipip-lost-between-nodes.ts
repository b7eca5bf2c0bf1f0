import { defineRule } from '../../model/rule.ts';
import { ipip } from '../../tunnels/ipip.ts';
import { lostBetweenNodes } from '../lib/lost-between-nodes.ts';

export const ipipLostBetweenNodes = defineRule({
  id: 'ipip-lost-between-nodes',
  ...lostBetweenNodes(ipip),
});
