/** A unified diff that creates an object. */
export function diffOfNew(name: string, text: string): string {
  const lines = text.trimEnd().split('\n');
  return [`--- /dev/null`, `+++ ${name}`, `@@ -0,0 +1,${lines.length} @@`, ...lines.map((line) => `+${line}`)].join(
    '\n',
  );
}

/** A unified diff that adds lines at the end of what is there. */
export function diffOfAddition(name: string, before: string, added: string): string {
  const [old, more] = [before.trimEnd().split('\n'), added.trimEnd().split('\n')];
  return [
    `--- ${name}`,
    `+++ ${name}`,
    `@@ -1,${old.length} +1,${old.length + more.length} @@`,
    ...old.map((line) => ` ${line}`),
    ...more.map((line) => `+${line}`),
  ].join('\n');
}

/** A unified diff of something of one line, such as a key of a node and its value. */
export function diffOfLine(name: string, before: string, after: string): string {
  return [`--- ${name}`, `+++ ${name}`, '@@ -1 +1 @@', `-${before}`, `+${after}`].join('\n');
}
