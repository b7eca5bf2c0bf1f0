/** The rooms of src/ and what each may import, itself aside (a path: that file or folder only). */
export const rooms: Readonly<Record<string, readonly string[]>> = {
  model: [],
  calico: ['model'],
  tunnels: ['model'],
  ruleset: ['model', 'calico'],
  'flow-walks': ['model', 'calico', 'ruleset', 'tunnels'],
  policy: ['model', 'calico'],
  // The allow-list holds capture filters and names of tunnel devices in full, and only a tunnel's contract knows them.
  commands: ['model', 'tunnels'],
  probes: ['model', 'calico', 'commands', 'ruleset', 'flow-walks', 'policy', 'tunnels'],
  computed: ['model', 'calico', 'ruleset', 'flow-walks', 'policy', 'tunnels'],
  rules: ['model', 'calico', 'tunnels'],
  fixes: ['model', 'calico', 'commands'],
  engine: ['model', 'calico', 'probes', 'computed', 'rules'],
  runs: ['model', 'engine', 'errors.ts'],
  plans: ['model', 'engine', 'fixes', 'errors.ts'],
  jobs: ['model', 'runs', 'plans', 'errors.ts'],
  bot: ['model', 'runs/surface.ts', 'plans/surface.ts', 'errors.ts'],
  setup: ['model', 'calico', 'commands', 'probes', 'runs/preflight.ts', 'adapters/kubernetes/paths.ts'],
  adapters: ['model'],
};

/** Packages that reach out of the process: ports hide them from every other room. */
export const outsidePackages: readonly string[] = [
  '@kubernetes/client-node',
  '@slack/web-api',
  'bullmq',
  'ioredis',
  'node-ssh',
  'prom-client',
  'ssh2',
  'ws',
];
