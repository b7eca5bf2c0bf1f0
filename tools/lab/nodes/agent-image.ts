import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { projectRoot } from '../paths.ts';

/** The agent's container without a container engine: its image as a folder, and the way into it. */

const deploy = `${projectRoot}/deploy`;
const dockerfile = () => readFileSync(`${deploy}/node-agent/Dockerfile`, 'utf8');

/** Puts what the Dockerfile copies into a folder. @param context the folder that it is built in */
export function layImage(folder: string, context = deploy): void {
  const copies = [...dockerfile().matchAll(/^COPY --chmod=\d+ (\S+) (\S+)\/$/gm)];
  if (copies.length === 0) throw new Error('the Dockerfile copies nothing that is understood here');
  for (const [, from = '', to = ''] of copies) {
    mkdirSync(`${folder}${to}`, { recursive: true });
    cpSync(`${context}/${from}`, `${folder}${to}/${basename(from)}`);
  }
}

/** What the container runs by itself. */
export function imageEntryPoint(): string[] {
  return z.array(z.string()).parse(JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(dockerfile())?.[1] ?? 'null'));
}

const daemonSetSchema = z.looseObject({
  kind: z.literal('DaemonSet'),
  spec: z.looseObject({
    template: z.looseObject({
      spec: z.looseObject({
        containers: z.tuple([
          z.looseObject({
            securityContext: z.looseObject({ capabilities: z.looseObject({ add: z.array(z.string()) }) }),
          }),
        ]),
      }),
    }),
  }),
});

/** The capabilities that the manifest gives the container, as setpriv takes them. */
function imageCapabilities(): string {
  const found = parseAllDocuments(readFileSync(`${deploy}/node-agent/agent.yaml`, 'utf8'))
    .map((one) => daemonSetSchema.safeParse(one.toJS()))
    .find((one) => one.success);
  if (!found?.success) throw new Error('agent.yaml has no DaemonSet');
  const [container] = found.data.spec.template.spec.containers;
  return container.securityContext.capabilities.add.map((one) => `+${one.toLowerCase()}`).join(',');
}

/** Runs a command with the container's capabilities and no others. */
export const withCapabilities = (argv: readonly string[]): string[] => [
  'setpriv',
  `--bounding-set=-all,${imageCapabilities()}`,
  '--inh-caps=-all',
  '--no-new-privs',
  '--',
  ...argv,
];

/** A container's root in a mount namespace of its own: the machine's programs, the image's files, and no others. */
const script = `set -e
image=$1 root=$2
shift 2
mount -t tmpfs -o mode=755 tmpfs "$root"
for part in bin dev lib lib32 lib64 proc sbin sys usr; do
  [ -e "/$part" ] || continue
  if [ -L "/$part" ]; then cp -P "/$part" "$root/$part"; continue; fi
  mkdir "$root/$part"
  mount --rbind "/$part" "$root/$part"
done
mkdir -p "$root/etc/calico-chatops"
mount --bind "$image/usr/local/bin" "$root/usr/local/bin"
mount --bind "$image/etc/calico-chatops" "$root/etc/calico-chatops"
exec chroot "$root" "$@"
`;

/**
 * The command that runs another one in a new container of a node, when it is run inside the node.
 * @param image as laid by layImage
 * @param root an empty folder, where the container has its root
 */
export function inContainer(image: string, root: string, argv: readonly string[]): string[] {
  const apart = ['unshare', '--mount', '--propagation', 'private'];
  return [...apart, 'sh', '-c', script, 'sh', image, root, ...withCapabilities(argv)];
}
