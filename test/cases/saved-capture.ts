import { createCaseRecorder } from '../../src/adapters/case-recorder.ts';
import { diagnose } from '../../src/engine/diagnose.ts';
import { readCapture } from './capture.ts';
import { captureDeps, captureRequest } from './judge-capture.ts';

/** Saves the diagnosis of a capture as a case, as `diagnose --case` does. */
export async function saveCapture(name: string, directory: string): Promise<void> {
  const deps = captureDeps(readCapture(name));
  const request = captureRequest();
  const { cluster, shells, clock } = deps;
  const header = { version: '1', run: request.run, target: request.target, startedAt: clock.now().toISOString() };
  const recorder = await createCaseRecorder({ directory, header, cluster, shells });
  await diagnose({ ...deps, cluster: recorder.cluster, shells: recorder.shells }, request, async () => {});
  await recorder.finish();
}
