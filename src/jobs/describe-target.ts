export { describePort, describeSource } from '../model/target-grammar.ts';
