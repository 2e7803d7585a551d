import { type Host, janusError, readModuleOptions } from '@janus/core'
import { readSwitch } from './module-parameters.js'
import type { CpuKvmOptions } from './options.js'

/** Where the parameters are kept for later loads. */
export const CONFIGURATION = '/etc/modprobe.d/janus-kvm.conf'

/** The parameters that were asked for, by module, as a load takes them. */
export function askedParameters(options: CpuKvmOptions, module: string): readonly AskedParameter[] {
  const asked = [
    { module: 'kvm', name: 'ignore_msrs', on: options.ignoreMsrs },
    { module: 'kvm', name: 'report_ignored_msrs', on: options.reportIgnoredMsrs },
    { module, name: 'nested', on: options.nested },
  ]
  return asked.flatMap(({ on, ...parameter }) => (on === undefined ? [] : [{ ...parameter, on }]))
}

/** One parameter that was asked for. */
export interface AskedParameter {
  readonly module: string
  readonly name: string
  readonly on: boolean
}

/**
 * The text of the file: what was asked for, and what it holds besides, which an earlier apply or somebody else was asked
 * to keep. `1` and `0` are taken by every version of these parameters; `Y` is not.
 * @param present what the file holds now
 */
export function configurationText(asked: readonly AskedParameter[], present = ''): string {
  const words = new Map<string, Map<string, string>>()
  const put = (module: string, word: string) => {
    const parameters = words.get(module) ?? new Map<string, string>()
    words.set(module, parameters.set(word.replace(/=.*/, ''), word))
  }
  const others: string[] = []
  for (const line of present.split('\n')) {
    const [command, module, ...rest] = line.trim().split(/\s+/)
    if (command !== 'options' || module === undefined || line.endsWith('\\')) others.push(line)
    else for (const word of rest) put(kernelModuleName(module), word)
  }
  for (const { module, name, on } of asked) put(module, `${name}=${on ? 1 : 0}`)
  return [
    HEADER,
    ...others.filter((line) => line.trim() !== '' && line !== HEADER),
    ...sorted(words).map(([module, parameters]) => {
      const list = sorted(parameters).map(([, word]) => word)
      return `options ${module} ${list.join(' ')}`
    }),
    '',
  ].join('\n')
}

const HEADER = '# Written by Janus (cpu-kvm): parameters of KVM at every load. To undo: janus rollback.'

function sorted<Value>(map: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] {
  return [...map].sort(([left], [right]) => (left < right ? -1 : 1))
}

function kernelModuleName(name: string): string {
  return name.replaceAll('-', '_')
}

/**
 * Refuses to write a file that something else would overrule: modprobe reads the files of all its directories by name and
 * the kernel command line last, and the last value counts.
 * @throws JANUS_HOST_UNFIT naming the line
 */
export async function requireLastWord(host: Host, asked: readonly AskedParameter[]): Promise<void> {
  const ownName = CONFIGURATION.slice(CONFIGURATION.lastIndexOf('/') + 1)
  for (const { module, words, path, line } of await readModuleOptions(host)) {
    if (line !== undefined && path.slice(path.lastIndexOf('/') + 1) <= ownName) continue
    const contrary = asked.find((one) => one.module === module && contradicts(one, words))
    if (contrary === undefined) continue
    const place = line === undefined ? path : `${path}:${line}`
    const message = `${place} sets ${contrary.module} ${contrary.name} to another value and is read after ${CONFIGURATION}`
    throw janusError('JANUS_HOST_UNFIT', message, {
      data: { path, ...(line === undefined ? {} : { line }) },
      remedy:
        line === undefined
          ? `Take ${contrary.module}.${contrary.name} out of the kernel command line and boot again.`
          : `Take ${contrary.name} out of ${path}.`,
    })
  }
}

/** A bare word switches on. */
function contradicts({ name, on }: AskedParameter, words: readonly string[]): boolean {
  const word = words.findLast((one) => one === name || one.startsWith(`${name}=`))
  return word !== undefined && readSwitch((word.slice(name.length + 1) || '1').toUpperCase()) !== on
}
