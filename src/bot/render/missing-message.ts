import { describePort, describeSource } from '../../model/target-grammar.ts';
import type { Target } from '../../model/target.ts';
import type { MessageContent } from '../../model/thread.ts';
import { code, message, section } from './blocks.ts';
import { clusterOption, inCluster } from './names.ts';
import { clip, rich } from './rich.ts';

/** For the person who asked alone: what does not exist, and what may have been meant, ready to copy. */
export function missingMessage(
  target: Target,
  {
    message: what,
    part,
    near,
  }: { readonly message: string; readonly part: 'pod' | 'from'; readonly near: readonly string[] },
): MessageContent {
  const cluster = clusterOption(target);
  const said = rich`Not started: ${clip(what, 400)}${inCluster(target)}.`;
  if (near.length === 0)
    return message(`Not started: ${what}${cluster}`, [
      [section(rich`${said} Check the name with kubectl get pods -A.`)],
    ]);
  const port = target.port ? ` port ${describePort(target.port)}` : '';
  const from = target.from ? ` from ${describeSource(target.from)}` : '';
  const commands = near.map((name) =>
    part === 'pod'
      ? `diagnose ${name}${from}${port}${cluster}`
      : `diagnose ${target.namespace}/${target.pod} from ${name}${port}${cluster}`,
  );
  return message(`Not started: ${what}${cluster}`, [[section(rich`${said} Did you mean:`), code(commands.join('\n'))]]);
}
