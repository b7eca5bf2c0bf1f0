/**
 * Returns what is wrong with the Node that runs the program, in one sentence, or null.
 * @param running such as 24.9.0
 * @param needed as the package says it, such as >=24.9
 */
export function nodeProblem(running: string, needed: string): string | null {
  const least = needed.replace(/^>=/, '');
  const [haveMajor = 0, haveMinor = 0] = numbers(running);
  const [major = 0, minor = 0] = numbers(least);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return null;
  return (
    `calico-chatops needs Node ${least} or newer, and this is Node ${running}. ` +
    'Install a newer Node, and see with node --version which one your PATH has first.'
  );
}

const numbers = (version: string) => version.split('.').map(Number);
