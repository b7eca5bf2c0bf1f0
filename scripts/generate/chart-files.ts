import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
/** What the chart takes as it is, by its name there. A chart can read no file outside its folder. */
const taken: Readonly<Record<string, string>> = {
  'calico-chatops.yaml': 'deploy/rbac/calico-chatops.yaml',
  'calico-chatops-fixes.yaml': 'deploy/rbac/calico-chatops-fixes.yaml',
  'calico-system.yaml': 'deploy/rbac/calico-system/calico-chatops.yaml',
  'agent.yaml': 'deploy/node-agent/agent.yaml',
  'rights.yaml': 'deploy/node-agent/rights.yaml',
};

/** Returns the copies of manifests that the chart holds. @param generated those that are about to be written */
export function chartFiles(generated: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(taken).map(([name, path]) => [
      `deploy/chart/files/${name}`,
      generated[path] ?? readFileSync(resolve(root, path), 'utf8'),
    ]),
  );
}
