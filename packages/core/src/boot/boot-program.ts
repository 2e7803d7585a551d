import type { Condition, RunCommand } from '../contract/change.js'
import type { Host } from '../contract/host.js'
import { readDigest } from '../host/read-digest.js'
import { ADMINISTRATOR_PATH } from '../transaction/administrator-path.js'
import { readShellScript, type ShellAssignment } from './command-line/shell-assignments.js'

/** What systems keep their language in (locale.conf(5)); Debian's own comes first, as its services read it. */
const LOCALE_FILES = ['/etc/default/locale', '/etc/locale.conf'] as const
const LOCALE_NAME = /^(?:LANG|LANGUAGE|LC_[A-Z]+)$/
const LOCALE_VALUE = /^[A-Za-z0-9_.:@-]+$/

/** What a program that makes boot files is run with. */
export type BootProgramSettings = Required<Pick<RunCommand, 'env'>> & Pick<RunCommand, 'expect'>

/**
 * The environment of a program that makes boot files: a fixed `PATH` and the language of the system, for a menu speaks the
 * language of who makes it. A plan made with it rests on the file that says so. The caller's environment decides nothing.
 */
export async function bootProgramSettings(host: Host): Promise<BootProgramSettings> {
  for (const path of LOCALE_FILES) {
    const { value } = await host.readText(path)
    if (value === undefined) continue
    const env = { PATH: ADMINISTRATOR_PATH, ...localeOf(value) }
    const { value: sha256 } = await readDigest(host, path)
    const expect: Condition[] = sha256 === undefined ? [] : [{ kind: 'sha256', path, value: sha256 }]
    return { env, ...(expect.length === 0 ? {} : { expect }) }
  }
  return { env: { PATH: ADMINISTRATOR_PATH } }
}

function localeOf(text: string): Readonly<Record<string, string>> {
  const script = readShellScript(text)
  if ('problem' in script) return {}
  const found = script.assignments
    .filter(({ name, isCertain, isAppended }) => LOCALE_NAME.test(name) && isCertain && !isAppended)
    .map((assignment): [string, string] => [assignment.name, plainValue(assignment)])
  return Object.fromEntries(found.filter(([, value]) => LOCALE_VALUE.test(value)))
}

/** Empty where only a shell could tell. */
function plainValue({ parts }: ShellAssignment): string {
  return parts.every((part) => part.kind === 'character') ? parts.map((part) => part.character).join('') : ''
}
