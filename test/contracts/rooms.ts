/** The rooms of src/ and what each may import, itself aside (a path: that file or folder only). */
export const rooms: Readonly<Record<string, readonly string[]>> = {
  model: [],
  calico: ['model'],
  ruleset: ['model', 'calico'],
  policy: ['model', 'calico'],
  probes: ['model', 'calico', 'ruleset', 'policy'],
  computed: ['model', 'calico', 'ruleset', 'policy'],
  rules: ['model', 'calico'],
  fixes: ['model', 'calico'],
  engine: ['model', 'calico', 'probes', 'computed', 'rules'],
  runs: ['model', 'engine', 'jobs/catalogue.ts', 'errors.ts'],
  plans: ['model', 'engine', 'fixes', 'runs/tell.ts', 'jobs/catalogue.ts', 'errors.ts'],
  jobs: ['model', 'runs', 'plans', 'errors.ts'],
  bot: ['model', 'jobs/catalogue.ts', 'runs/surface.ts', 'plans/surface.ts', 'errors.ts'],
  adapters: ['model'],
};

/** Packages that reach out of the process: ports hide them from every other room. */
export const outsidePackages: readonly string[] = ['@kubernetes/client-node', '@slack/web-api', 'bullmq', 'ioredis', 'node-ssh', 'prom-client', 'ssh2'];
