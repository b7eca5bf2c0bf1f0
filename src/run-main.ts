/** The program: one command line, its exit code, and an end on SIGINT or SIGTERM. */
import { runProgram } from './cli/program.ts';
import { terminalQuestions } from './cli/terminal-questions.ts';

const ending = new AbortController();
let asked = 0;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    asked += 1;
    // Asked twice: the person who waits has no more patience.
    if (asked > 1) process.exit(130);
    ending.abort(new Error(`ended by ${name}`));
  });
}
/** As a shell tells SIGPIPE. */
const readerGone = 141;
// A reader that went away (a pager, head) is no error of ours. Before the end it is no verdict either: 0 means healthy.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', () => process.exit(process.exitCode ?? readerGone));

// npm runs `npm start` in the folder of the package: paths are meant from where the person is.
const { npm_lifecycle_event: script, npm_package_name: owner, INIT_CWD: callersFolder } = process.env;
if (script === 'start' && owner === 'calico-chatops' && callersFolder) process.chdir(callersFolder);

/** A socket or process that does not end when a command has ended may not hold the program back. */
const lingerMs = 400;

const { stdin, stdout, stderr, env } = process;
const colours = stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb';

process.exitCode = await runProgram(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  terminal: stdout.isTTY ? { columns: stdout.columns, colours } : null,
  status: stderr.isTTY && env['TERM'] !== 'dumb' ? (text) => void stderr.write(text) : null,
  questions: stdin.isTTY && stdout.isTTY ? () => terminalQuestions(stdin, stdout, ending.signal) : null,
  environment: process.env,
  signal: ending.signal,
});
setTimeout(() => process.exit(), lingerMs).unref();
