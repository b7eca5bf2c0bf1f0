import { parseArgs } from 'node:util';
import { startWorkspace } from './start-workspace.ts';

const usage = 'usage: node tools/slack-workspace/main.ts --port P [--host ADDRESS] [--start FILE.json] [--rate-limits]';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      host: { type: 'string' },
      start: { type: 'string' },
      'rate-limits': { type: 'boolean' },
    },
  });
  const port = Number(values.port);
  if (values.port === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(usage);
  if (values.host === '0.0.0.0' || values.host === '::')
    throw new Error('the workspace trusts whoever reaches it: name one address, not all of them');
  const workspace = await startWorkspace({
    port,
    rateLimits: values['rate-limits'] ?? false,
    ...(values.host === undefined ? {} : { host: values.host }),
    ...(values.start === undefined ? {} : { start: values.start }),
  });
  // One line of JSON, so that who started this program learns where it listens.
  console.log(JSON.stringify({ ready: true, url: workspace.url, apiUrl: workspace.apiUrl }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void workspace.stop().then(() => process.exit(0)));
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 3;
});
