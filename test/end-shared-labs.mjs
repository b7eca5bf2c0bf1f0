// Ends the labs that suites have shared.
import { downAll } from '../tools/lab/down.ts';

export default function end() {
  return downAll(`${process.env.SHARED_LABS}-`);
}
