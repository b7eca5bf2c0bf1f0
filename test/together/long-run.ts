/**
 * Suites that only the long run has (`make test-all`, and CI). They cost more than all others together.
 *
 * - `test/e2e`, `tools/lab`: a whole catalogue in labs: every fault on every backend, every kind of cluster, every odd
 *   but healthy state, every kind of trouble, every port of a pod, every verb of the lab. What `make test` keeps of
 *   labs: the first case and an alert, from Slack to the verified fix, and a case that is saved and replayed. All rules
 *   judge every recorded fault there, too.
 * - Searches that try what a machine can think of: the worst inputs of every pattern and parser, and random rule sets
 *   beside the kernel's own answer. The examples of both are in the tests of each parser.
 * - The command line and `serve` over peers that hang: what is said takes as long as they wait for an answer.
 * - Pages in a browser, one screen after the other. `make test` keeps the browser of the first case.
 */
export const longRun: readonly string[] = [
  'test/bot/page-approve.test.ts',
  'test/bot/page-ask.test.ts',
  'test/bot/page-forged.test.ts',
  'test/bot/page-storm.test.ts',
  'test/cli/stalls.test.ts',
  'test/contracts/linear-parsers.test.ts',
  'test/contracts/linear-patterns.test.ts',
  'test/e2e/apart.test.ts',
  'test/e2e/chart.test.ts',
  'test/e2e/controls.test.ts',
  'test/e2e/healthy-but-odd.test.ts',
  'test/e2e/proofs.test.ts',
  'test/e2e/reported-cases.test.ts',
  'test/e2e/several-at-once.test.ts',
  'test/e2e/single-faults.test.ts',
  'test/e2e/trouble.test.ts',
  'test/e2e/two-clusters.test.ts',
  'test/e2e/where-it-stops.test.ts',
  'test/golden/pictures.test.ts',
  'test/ruleset/kernel-agreement.test.ts',
  'test/serve/stopped-redis.test.ts',
  'tools/lab/cluster-policies.test.ts',
  'tools/lab/clusters.test.ts',
  'tools/lab/dual-stack.test.ts',
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
