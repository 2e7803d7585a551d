import type { Host } from '@janus/core'
import { readText } from '../read-text.js'

/** Parameters of a loaded kernel module, by name, as it prints them. */
export type ModuleParameters = ReadonlyMap<string, string>

/** Reads the parameters of a loaded module; those that cannot be read are left out. */
export async function readModuleParameters(host: Host, module: string): Promise<ModuleParameters> {
  const directory = `/sys/module/${module}/parameters`
  const names = (await host.list(directory)).value ?? []
  const values = await Promise.all(
    names.map(async (name) => [name, await readText(host, `${directory}/${name}`)] as const),
  )
  return new Map(values.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

/**
 * Those that the module can be loaded with again. What it prints for want of a value, or to explain itself (`(null)`,
 * `not required`), it would not take.
 */
export function loadableParameters(parameters: ModuleParameters): Readonly<Record<string, string>> {
  return Object.fromEntries([...parameters].filter(([, value]) => /^[A-Za-z0-9_.,:+-]+$/.test(value)))
}

/** A switch as its module prints it; undefined for anything else. */
export function readSwitch(value: string | undefined): boolean | undefined {
  if (value === 'Y' || value === '1') return true
  return value === 'N' || value === '0' ? false : undefined
}
