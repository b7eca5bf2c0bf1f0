import { failed, limited, ok, type Check } from '../../setup/check.ts';
import { configurationNext, isUnwrittenSlackSecret } from '../../setup/configuration.ts';

/** One line a wrong setting. Without Slack the command line works. @param problems as the configuration names them */
export function checkConfiguration(
  problems: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): readonly Check[] {
  const file = environment['CALICO_CHATOPS_CONFIG'];
  if (problems.length === 0) return [ok('configuration', file ? `${file} and the environment` : 'the environment')];
  return problems.map((text) =>
    (isUnwrittenSlackSecret(text) ? limited : failed)('configuration', { text, next: configurationNext(text, file) }),
  );
}
