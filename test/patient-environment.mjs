// Jest's environment for all tests. Their limits of time are written for a quiet machine: one that does much else gets
// several times as long. Only a test that never ends takes longer by it.
import { TestEnvironment } from 'jest-environment-node';

const patience = 4;

export default class PatientEnvironment extends TestEnvironment {
  #usual = 0;
  #seen = new WeakSet();

  constructor(config, context) {
    super(config, context);
    this.#usual = config.projectConfig.testTimeout ?? config.globalConfig.testTimeout ?? 5000;
  }

  handleTestEvent(event) {
    const limited = event.name === 'test_start' ? event.test : event.name === 'hook_start' ? event.hook : null;
    // A hook of every test is begun again and again.
    if (!limited || this.#seen.has(limited)) return;
    this.#seen.add(limited);
    limited.timeout = (limited.timeout ?? this.#usual) * patience;
  }
}
