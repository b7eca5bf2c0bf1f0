import { copyFile, mkdir } from 'node:fs/promises';
import { typhaCertificates } from '../objects/typha.ts';
import type { LabPaths } from '../paths.ts';
import type { Topology } from '../topology.ts';

/** Certificates as the kubelet puts a Secret into a pod: on every node, for Typha and Felix alike. */
export async function layTyphaCertificates(paths: LabPaths, { nodes }: Topology): Promise<void> {
  await Promise.all(
    nodes.map(async ({ name }) => {
      const folder = `${paths.node(name)}/var-lib/${typhaCertificates.replace('/var/lib/', '')}`;
      await mkdir(folder, { recursive: true });
      const files = ['ca.crt', ...['typha-server', 'typha-client'].flatMap((one) => [`${one}.crt`, `${one}.key`])];
      await Promise.all(files.map((file) => copyFile(`${paths.pki}/${file}`, `${folder}/${file}`)));
    }),
  );
}
