/** For the environment of a program of this repository: Node finds there what it compiled the last time. */
export function keptCompilation(): Readonly<Record<string, string>> {
  const folder = process.env['NODE_COMPILE_CACHE'];
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}
