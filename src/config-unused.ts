/** A configuration file that nothing names: `init` wrote it, and this shell does not have its variable. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { secretFileKeys } from './config-secrets.ts';
import { fileKey, inspectConfig, settingNames } from './config.ts';
import { ProgramError } from './errors.ts';
import { commandLine } from './model/command-line.ts';
import type { Trouble } from './setup/check.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What is set for other reasons too: who sets nothing else has the file for the rest. */
const incidental: readonly string[] = ['KUBECONFIG', 'KUBE_CONTEXT', 'STATE_DIR'];
const telling = [...settingNames, ...secretFileKeys].filter((name) => !incidental.includes(name));
const fileName = 'calico-chatops.yaml';
/** The one that `init` takes if none is named, and the one of the docs. */
const foldersOfInit = ['calico-chatops', 'bot'];

/**
 * Says that no file of the configuration is used although one is in the folder, or in a folder of `init` there. Null
 * where one is named, where environment or options have the settings, or where there is none: a kubeconfig may do.
 * @param folder where the program was started
 */
export function unusedFile(environment: Environment, folder: string): Trouble | null {
  if ([fileKey, ...telling].some((name) => environment[name])) return null;
  const here = resolve(folder, fileName);
  const path = [here, ...foldersOfInit.map((name) => join(folder, name, fileName))].find(
    (one) => existsSync(one) && isConfiguration(one, one === here),
  );
  if (path === undefined) return null;
  return {
    text: `no configuration file is used, because ${fileKey} is not set`,
    // It would win over the kubeconfig of the file.
    next: `Run export ${commandLine([`${fileKey}=${path}`])}${environment['KUBECONFIG'] ? '; unset KUBECONFIG' : ''}`,
  };
}

/** @throws ProgramError `configuration` in the words of unusedFile, for who needs what stands in the file */
export function refuseUnusedFile(environment: Environment, folder: string): void {
  const trouble = unusedFile(environment, folder);
  if (trouble) throw new ProgramError('configuration', trouble.text, { next: `${trouble.next}, then retry.` });
}

/** A manifest may have this name, too. @param isHere whether it needs no sign of `init` beside it */
function isConfiguration(path: string, isHere: boolean): boolean {
  const { config, origins } = inspectConfig({ [fileKey]: path }, []);
  return config.initFolder !== null || (isHere && [...origins.values()].some((origin) => origin !== 'default'));
}
