import type { NodeReport } from '../../model/node-report.ts';
import type { MessageContent } from '../../model/thread.ts';
import { context, message, section } from './blocks.ts';
import { clusterOption, inCluster } from './names.ts';
import { bold, clip, codeWords, join, rich, type Rich } from './rich.ts';

const shown = 8;
const readyWords: Readonly<Record<NodeReport['ready'], Rich>> = {
  yes: rich`:large_green_circle: is Ready`,
  no: rich`:red_circle: is not Ready`,
  unknown: rich`:white_circle: does not say whether it is Ready`,
};

/** A node as the API server has it, for the person who asked. */
export function nodeMessage(
  cluster: string,
  { node, ready, addresses, pods, calico, unread }: NodeReport,
): MessageContent {
  const parts = calico
    .slice(0, shown)
    .map(
      ({ name, phase, ready: isReady }) =>
        rich`${isReady ? rich`:white_check_mark:` : rich`:x:`} ${clip(name, 200)} ${clip(phase, 40)}`,
    );
  const lines = [
    rich`${bold(clip(node, 120))}${inCluster({ cluster })} ${readyWords[ready]}`,
    ...(addresses.length > 0 ? [rich`${clip(addresses.join(', '), 300)}`] : []),
    ...(pods === null ? [] : [rich`${pods} pods run there. Of Calico:`]),
    ...(parts.length > 0 ? parts : pods === null ? [] : [rich`:x: no pod of Calico`]),
    ...unread.map((why) => rich`Not checked: ${clip(why, 200)}`),
  ];
  const command = codeWords(`diagnose NS/POD from node:${node}${clusterOption({ cluster })}`);
  const next = rich`Nothing was run on the node. To try it as a sender: ${command}`;
  return message(`Node ${node}${clusterOption({ cluster })}`, [[section(join(lines, rich`\n`)), context(next)]]);
}
