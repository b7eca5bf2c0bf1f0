/** What advice lets people type: commands that stand on their own, with every value that is known filled in. */

/** Words in capitals that are a program's own. NAMESPACE: where nobody could read how Calico was installed. */
const ownWords = /^(?:FORWARD|INPUT|OUTPUT|PREROUTING|POSTROUTING|DROP|ACCEPT|TCP|UDP|SCTP|ICMP|NAMESPACE)$/;

/** Returns what a person would have to fill in, in the commands of one advice; none: they can be typed. */
export function leftToFill(commands: readonly string[]): readonly string[] {
  const explained = new Set(
    commands.flatMap((command) => [...command.matchAll(/(?<= # .*)\b([A-Z]{2,}): /g)].map(([, word]) => word)),
  );
  return commands.flatMap((command) => {
    const [whole = ''] = command.split(/ {3}# /);
    // Programs, patterns and objects in quotes, and what grep looks for, are no values.
    const typed = whole.replaceAll(/'[^']*'|"[^"]*"/g, '').replaceAll(/\bgrep [^|;]*/g, 'grep');
    const holes = [...typed.matchAll(/<[a-z][\w -]*>|\{[a-zA-Z]+\}|(?<=[\s/=:])\?(?=[\s/]|$)|\bundefined\b/g)];
    const words = [...typed.matchAll(/(?<![\w-])[A-Z][A-Z_]+(?![\w=])/g)].filter(
      ([word]) => !ownWords.test(word) && !explained.has(word),
    );
    return [...holes, ...words].map(([what]) => `${what} in: ${typed}`);
  });
}
