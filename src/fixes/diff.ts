/** A unified diff that creates an object. */
export function diffOfNew(name: string, text: string): string {
  const lines = text.trimEnd().split('\n');
  return [`--- /dev/null`, `+++ ${name}`, `@@ -0,0 +1,${lines.length} @@`, ...lines.map((line) => `+${line}`)].join('\n');
}
