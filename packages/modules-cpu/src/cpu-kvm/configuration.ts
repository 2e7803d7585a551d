import { type Host, janusError } from '@janus/core'
import { readSwitch } from './module-parameters.js'
import type { CpuKvmOptions } from './options.js'

/** Where the parameters are kept for later loads. */
export const CONFIGURATION = '/etc/modprobe.d/janus-kvm.conf'
const DIRECTORY = '/etc/modprobe.d'

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

/** The text of the file. `1` and `0` are taken by every version of these parameters; `Y` is not. */
export function configurationText(asked: readonly AskedParameter[]): string {
  const modules = [...new Set(asked.map(({ module }) => module))]
  return [
    '# Written by Janus (cpu-kvm): parameters of KVM at every load. To undo: janus rollback, or remove this file.',
    ...modules.map((module) => {
      const words = asked.filter((one) => one.module === module).map(({ name, on }) => `${name}=${on ? 1 : 0}`)
      return `options ${module} ${words.join(' ')}`
    }),
    '',
  ].join('\n')
}

/**
 * Refuses to write a file that a later one would overrule: modprobe reads all of them by name, and the last value counts.
 * @throws JANUS_HOST_UNFIT naming the line
 */
export async function requireLastWord(host: Host, asked: readonly AskedParameter[]): Promise<void> {
  const files = (await host.list(DIRECTORY)).value ?? []
  for (const file of files) {
    const path = `${DIRECTORY}/${file}`
    if (!file.endsWith('.conf') || path <= CONFIGURATION) continue
    const lines = ((await host.readText(path)).value ?? '').split('\n')
    for (const [index, line] of lines.entries()) {
      const [command, module, ...words] = line.trim().split(/\s+/)
      if (command !== 'options') continue
      const contrary = asked.find((one) => one.module === module?.replaceAll('-', '_') && contradicts(one, words))
      if (contrary === undefined) continue
      const message = `${path}:${index + 1} sets ${contrary.module} ${contrary.name} to another value and is read after ${CONFIGURATION}`
      throw janusError('JANUS_HOST_UNFIT', message, {
        data: { path, line: index + 1 },
        remedy: `Take ${contrary.name} out of ${path}.`,
      })
    }
  }
}

function contradicts({ name, on }: AskedParameter, words: readonly string[]): boolean {
  const value = words.findLast((word) => word.startsWith(`${name}=`))?.slice(name.length + 1)
  return value !== undefined && readSwitch(value.toUpperCase()) !== on
}
