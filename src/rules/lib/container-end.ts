import type { ContainerStatus } from '../../model/kubernetes.ts';

/** What shells and runtimes mean by them. */
const meanings: Readonly<Record<number, string>> = {
  126: 'its command may not be executed',
  127: 'its command is not there',
};

/** Returns how a container ended, or its last run did: `with exit code 137 (signal 9)`. */
export function endWords({ state, lastState }: ContainerStatus): string {
  const { exitCode, reason = '' } = state?.terminated ?? lastState?.terminated ?? {};
  if (exitCode === undefined) return 'with an error';
  // By their names the runtime could not start it, or the kernel killed it for memory: the code says less.
  const named = reason === '' || reason === 'Error' || reason === 'Completed' ? meaningOf(exitCode) : reason;
  return `with exit code ${exitCode}${named === '' ? '' : ` (${named})`}`;
}

function meaningOf(exitCode: number): string {
  if (exitCode > 128 && exitCode <= 128 + 64) return `signal ${exitCode - 128}`;
  return meanings[exitCode] ?? '';
}
