// Prints "PASSED FAILED" of Jest's JSON report. A suite that could not run is a failed test; with CI
// set so is one that was skipped. Skipped ones are named on stderr. Usage: count-jest-tests.mjs FILE
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const skipped = report.testResults.flatMap((suite) =>
  suite.assertionResults.filter((test) => test.status === 'pending' || test.status === 'todo'),
);
for (const test of skipped) process.stderr.write(`skipped: ${test.fullName}\n`);
const failed = report.numFailedTests + report.numRuntimeErrorTestSuites + (process.env.CI ? skipped.length : 0);
console.log(`${report.numPassedTests} ${failed}`);
