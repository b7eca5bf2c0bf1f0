import { withHeadline } from '../model/headline.ts';
import { withoutSecrets } from '../model/stored-event.ts';
import { CaseError, openCase } from '../adapters/case-replay.ts';
import { ProgramError } from '../errors.ts';
import { diagnose } from '../engine/diagnose.ts';
import { computed } from '../computed/registry.ts';
import { probes } from '../probes/registry.ts';
import { rules } from '../rules/registry.ts';
import { exitCode, type Format, type Surroundings } from './output.ts';
import { stepLine, verdictText } from './verdict-text.ts';
import { documentOf, line } from './plain-output.ts';

export interface ReplayOptions {
  readonly folder: string;
  readonly format: Format;
  readonly verbose: boolean;
  /** A rule that must be a root. */
  readonly expect?: string;
}

/**
 * `calico-chatops replay`: the verdict of a saved case, judged by this version.
 * @returns as diagnose; with `expect`: 0 when that rule is a root, else 1
 * @throws ProgramError for a folder that is no case, or a rule that does not exist
 */
export async function replayCommand(
  { folder, format, verbose, expect }: ReplayOptions,
  { out, told, err, signal }: Surroundings,
): Promise<number> {
  if (expect !== undefined && !rules.some((rule) => rule.id === expect))
    throw new ProgramError('unknown-rule', `unknown rule ${expect}`);
  const { header, ...ports } = await openCase(folder, signal).catch((error: unknown) => {
    throw error instanceof CaseError ? new ProgramError('unreadable-case', error.message, { cause: error }) : error;
  });
  const found = await diagnose(
    { probes, computed, rules, calicoNamespaces: header.calicoNamespaces, ...ports },
    { run: header.run, target: header.target },
    async (event) => {
      if (format === 'text' && event.type === 'step-settled') told(stepLine(withoutSecrets(event).step));
    },
    signal,
  );
  const { verdict } = withoutSecrets({ type: 'verdict', verdict: found });
  if (format === 'text') told(verdictText(verdict, verbose));
  else out(documentOf(withHeadline(verdict), format));
  if (expect === undefined) return exitCode[verdict.verdict];
  if (verdict.roots.some((root) => root.rule === expect)) return exitCode.done;
  const causes = verdict.roots.map((root) => root.rule).join(', ');
  err(line`${expect} is not a cause in this case: ${causes || verdict.verdict}\n`);
  return exitCode.fault;
}
