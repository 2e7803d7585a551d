import { access } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/** Name of the configuration file of a project. */
export const PROJECT_CONFIG = 'janus.config.json'

/** A project, by what marks its directory. */
export interface Project {
  readonly directory: string
  readonly hasPackage: boolean
  readonly hasConfig: boolean
}

/** The project that a directory belongs to: the nearest one above it with a package.json or a `janus.config.json`. */
export async function findProject(directory: string): Promise<Project | undefined> {
  for (let above = resolve(directory); ; above = dirname(above)) {
    const [hasPackage, hasConfig] = await Promise.all(
      ['package.json', PROJECT_CONFIG].map((name) => isThere(join(above, name))),
    )
    if (hasPackage || hasConfig) {
      return { directory: above, hasPackage: hasPackage === true, hasConfig: hasConfig === true }
    }
    if (above === dirname(above)) return undefined
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
