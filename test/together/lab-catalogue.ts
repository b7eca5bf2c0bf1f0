/**
 * Suites that try a whole catalogue in labs: every fault on every backend, every kind of cluster, every odd but healthy
 * state, every kind of trouble, every port of a pod, every verb of the lab. They cost more than all others together, so
 * `make test-all` and CI run them, and `make test` does not. What `make test` keeps of labs: the first case and an alert,
 * from Slack to the verified fix, and a case that is saved and replayed; and all rules judge every recorded fault.
 */
export const labCatalogue: readonly string[] = [
  'test/e2e/apart.test.ts',
  'test/e2e/controls.test.ts',
  'test/e2e/healthy-but-odd.test.ts',
  'test/e2e/proofs.test.ts',
  'test/e2e/reported-cases.test.ts',
  'test/e2e/several-at-once.test.ts',
  'test/e2e/trouble.test.ts',
  'test/e2e/where-it-stops.test.ts',
  'tools/lab/clusters.test.ts',
  'tools/lab/era-2.test.ts',
  'tools/lab/faults-legacy.test.ts',
  'tools/lab/faults-nft.test.ts',
  'tools/lab/kubernetes-datastore.test.ts',
  'tools/lab/nftables.test.ts',
  'tools/lab/node-agent.test.ts',
  'tools/lab/outdated-rules.test.ts',
  'tools/lab/ports.test.ts',
  'tools/lab/road.test.ts',
  'tools/lab/verbs.test.ts',
];
