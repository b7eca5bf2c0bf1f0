import { spawn } from 'node:child_process';
import { once } from 'node:events';

interface Ended {
  readonly exit: number | null;
  readonly said: string;
  /** What passed after the last word, as a part of all that passed. */
  readonly afterwards: number;
}

/** Runs a program to its end, and measures how long it went on after all was said. */
export async function untilItEnds(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  const [file = '', ...args] = argv;
  const began = performance.now();
  const program = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let said = '';
  let last = began;
  for (const stream of [program.stdout, program.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      last = performance.now();
    });
  const [exit] = (await once(program, 'exit')) as [number | null];
  const end = performance.now();
  return { exit, said, afterwards: (end - last) / (end - began) };
}
