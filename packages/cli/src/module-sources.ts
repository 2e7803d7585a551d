import type { ModuleSource } from '@janus/core'
import { PACKAGE_JSON } from './package-json.js'

/**
 * Where this command looks for modules.
 * @param asked.modules what `--module` names
 * @param asked.cwd directory that they are relative to, and whose project is looked at
 */
export function moduleSources({
  modules,
  cwd,
}: {
  readonly modules: readonly string[]
  readonly cwd: string
}): readonly ModuleSource[] {
  return [
    { kind: 'config' },
    ...modules.map((name) => ({ kind: 'named', name, from: cwd }) as const),
    { kind: 'dependencies-of', packageJson: PACKAGE_JSON },
    { kind: 'tree-of', packageJson: PACKAGE_JSON },
    { kind: 'project', directory: cwd },
    { kind: 'extensions' },
  ]
}
