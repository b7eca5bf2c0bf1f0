/** The files that follow from what the registered units declare. */
import { setupReads } from '../../src/setup/all-reads.ts';
import { commands } from '../../src/commands/registry.ts';
import { computed } from '../../src/computed/registry.ts';
import { fixes } from '../../src/fixes/registry.ts';
import { defaultCalicoNamespaces } from '../../src/model/calico-components.ts';
import { probes } from '../../src/probes/registry.ts';
import { rules } from '../../src/rules/registry.ts';
import { preflightReads } from '../../src/runs/preflight.ts';
import { catalogue } from '../../tools/lab/faults/catalogue/registry.ts';
import { allowLists } from './allow-list.ts';
import { faultsPage } from './faults-page.ts';
import { causePages, referencePage } from './reference.ts';
import { rightsManifests } from './rights.ts';

/** Returns the text of each file by its path in the repository. */
export function declaredFiles(): Readonly<Record<string, string>> {
  const { reading, fixing } = allowLists(commands);
  const subject = { rules, probes, computed, fixes, commands };
  return {
    'deploy/node/allow-list': reading,
    'deploy/node/allow-list.fixes': fixing,
    ...rightsManifests([...probes, { reads: preflightReads }, { reads: setupReads }], fixes, defaultCalicoNamespaces),
    'docs/reference.md': referencePage(subject),
    ...causePages(subject),
    'tools/lab/faults/README.md': faultsPage(catalogue),
  };
}
