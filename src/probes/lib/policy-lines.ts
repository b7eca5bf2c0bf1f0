import { stringify } from 'yaml';

/** Lines of a policy that say whom it is about and what it does. */
const tellingKeys =
  'kind|name|namespace|tier|order|selector|action|protocol|namespaceSelector|notSelector|defaultAction';
export const tellingLine = new RegExp(String.raw`^ *(?:- )*(?:${tellingKeys}):|^ *- (?:Ingress|Egress|\d[\d.:/]*)$`);
const mostLines = 400;

/** Objects of the API server in the same lines. */
export function policyLines(objects: readonly object[]): string {
  const lines = objects
    .flatMap((object) => stringify(object, { aliasDuplicateObjects: false }).split('\n'))
    .filter((line) => tellingLine.test(line));
  return lines.slice(0, mostLines).join('\n') || 'none';
}
