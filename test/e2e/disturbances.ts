/** What may go wrong around a run, as an operator or the world would do it in a lab. Each is taken back by what it returns. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { administrator } from '../../tools/lab/control-plane/api.ts';
import { insideNode } from '../../tools/lab/nodes/machine.ts';
import { inOperations } from '../../tools/lab/operations/command.ts';
import { labPaths, podPart } from '../../tools/lab/paths.ts';
import { signalProcess, startProcess, stopProcess } from '../../tools/lab/processes.ts';
import { attempt, run, until } from '../../tools/lab/run.ts';
import type { TakeBack } from '../../tools/lab/take-backs.ts';
import { addresses } from '../../tools/lab/topology.ts';

/** A command as root on a node of a lab. */
export function onNode(lab: string, node: string, argv: string[]): Promise<string> {
  return run(insideNode(labPaths(lab), node, argv));
}

/** The node answers new connections to its SSH port with a reset. */
export async function refuseSsh(lab: string, node: string): Promise<TakeBack> {
  await onNode(lab, node, [
    'nft',
    'table inet no-ssh { chain input { type filter hook input priority 0; tcp dport 22 reject with tcp reset; }; }',
  ]);
  return async () => void (await onNode(lab, node, ['nft', 'delete', 'table', 'inet', 'no-ssh']));
}

/** What lies between the bot and the cluster loses its large packets, without a word: those that come from here. */
export async function loseLargePackets(lab: string, from: string): Promise<TakeBack> {
  const paths = labPaths(lab);
  const rule = `ip saddr ${from} ip daddr ${addresses.operations} meta length gt 1400 drop;`;
  const between = ['nsenter', `--net=${paths.namespaceFile('underlay')}`, '--', 'nft'];
  await run([...between, `table bridge lost-large { chain way { type filter hook forward priority 0; ${rule} }; }`]);
  return () => run([...between, 'delete table bridge lost-large']);
}

/** Stands in the helper's place: hands on the first requests, then stops its whole process group where it is, as a wedged node does. */
const wedged = `#!/bin/bash -p
{ for request in 1 2 3; do IFS= read -r line && printf '%s\\n' "$line"; done; kill -STOP 0; } | /usr/local/bin/calico-chatops-node.whole
`;

/** Every helper that is started on the node from now on hangs after its third request. */
export async function wedgeHelper(lab: string, node: string): Promise<TakeBack> {
  const helper = '/usr/local/bin/calico-chatops-node';
  await onNode(lab, node, ['mv', helper, `${helper}.whole`]);
  await run(insideNode(labPaths(lab), node, ['sh', '-c', `cat >${helper} && chmod 755 ${helper}`]), wedged);
  return async () => {
    await attempt(insideNode(labPaths(lab), node, ['pkill', '-KILL', '-f', '[c]alico-chatops-node']));
    await onNode(lab, node, ['mv', `${helper}.whole`, helper]);
  };
}

/** calicoctl on the node has a certificate that does not belong to its key. */
export async function wrongCredentials(lab: string, node: string): Promise<TakeBack> {
  const file = '/etc/calico/calicoctl.cfg';
  await onNode(lab, node, ['sed', '-i', 's#/calicoctl.crt#/kube-controllers.crt#', file]);
  return async () => void (await onNode(lab, node, ['sed', '-i', 's#/kube-controllers.crt#/calicoctl.crt#', file]));
}

/** The API server's process is ended; back, it answers before `TakeBack` is done. */
export async function stopApiServer(lab: string): Promise<TakeBack> {
  const paths = labPaths(lab);
  await stopProcess(paths, 'kube-apiserver');
  return async () => {
    await startProcess(paths, 'kube-apiserver');
    await until('the API server', 60, async () => {
      const api = administrator(paths);
      try {
        return (await api.send('GET', '/readyz')).status === 200 ? true : null;
      } catch {
        return null;
      } finally {
        api.close();
      }
    });
  };
}

/** What the pod runs is stopped where it is: its sockets stay. */
export function hangProgram(lab: string, pod: string): TakeBack {
  const [namespace = '', name = ''] = pod.split('/');
  const signal = (which: NodeJS.Signals) => signalProcess(labPaths(lab), podPart(namespace, name), which);
  signal('SIGSTOP');
  return async () => signal('SIGCONT');
}

/** A shell script that runs in a pod until it is taken back. */
export async function inPodMeanwhile(lab: string, pod: string, script: string): Promise<TakeBack> {
  const [namespace = '', name = ''] = pod.split('/');
  const child = spawn(
    'nsenter',
    [`--net=${labPaths(lab).namespaceFile(podPart(namespace, name))}`, '--', 'bash', '-c', script],
    { stdio: 'ignore', detached: true },
  );
  await once(child, 'spawn');
  return async () => {
    const ended = once(child, 'exit');
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await ended;
  };
}

/** The connections that programs in the bot's namespace have beyond this machine, each as `ss` prints it. */
export async function connectionsOfBot(lab: string): Promise<string[]> {
  const all = await run(inOperations(labPaths(lab), ['ss', '-tnpH', 'src', addresses.operations]));
  return all.split('\n').filter((line) => line.includes('users:'));
}

/** How often anybody has logged in to a node so far. */
export async function loginsAt(lab: string, node: string): Promise<number> {
  const log = await readFile(`${labPaths(lab).logs}/${node}.log`, 'utf8');
  return log.split('\n').filter((line) => line.startsWith('Accepted publickey')).length;
}
