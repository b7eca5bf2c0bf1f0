import { failed, ok, type Check } from '../../setup/check.ts';

/** One line a wrong setting. @param problems as the configuration names them */
export function checkConfiguration(
  problems: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): readonly Check[] {
  const file = environment['CALICO_CHATOPS_CONFIG'];
  if (problems.length === 0) return [ok('configuration', file ? `${file} and the environment` : 'the environment')];
  const place = file ? `the environment or in ${file}` : 'the environment';
  return problems.map((text) => {
    const next = /^\w+_FILE: .* is empty$/.test(text) ? 'Write the value into this file' : `Correct it in ${place}`;
    return failed('configuration', { text, next });
  });
}
