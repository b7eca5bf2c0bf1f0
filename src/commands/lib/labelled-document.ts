/**
 * Returns a document of one line with a list of further labels at its end.
 * @param document its labels are the last thing in it, in an object of an object: `}}}` closes all three
 * @param labels the list's placeholder, such as `{,labels:nslabel}`
 */
export function withLabels(document: object, labels: string): string {
  const text = JSON.stringify(document);
  return `${text.slice(0, -3)}${labels}${text.slice(-3)}`;
}
