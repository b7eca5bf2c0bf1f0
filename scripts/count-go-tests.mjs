// Prints "PASSED FAILED" of a `go test -json` report; the output of tests that failed goes to stderr.
// Usage: count-go-tests.mjs FILE EXIT-STATUS
import { readFileSync } from 'node:fs';

const [file, status] = process.argv.slice(2);
let passed = 0;
let failed = 0;
const output = new Map();
for (const line of readFileSync(file, 'utf8').split('\n')) {
  if (!line.startsWith('{')) {
    if (line !== '') process.stderr.write(`${line}\n`);
    continue;
  }
  const event = JSON.parse(line);
  const key = `${event.Package ?? event.ImportPath} ${event.Test ?? ''}`;
  if (event.Output !== undefined) output.set(key, (output.get(key) ?? '') + event.Output);
  if (event.Action === 'fail') process.stderr.write(output.get(key) ?? '');
  if (event.Test?.includes('/')) continue; // a subtest counts with its test
  if (event.Action === 'fail' && event.Test !== undefined) failed++;
  if (event.Action === 'pass' && event.Test !== undefined) passed++;
}
if (status !== '0' && failed === 0) failed = 1; // did not build, or vet refused it
console.log(`${passed} ${failed}`);
