import { access, realpath } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { janusError } from '../errors/janus-error.js'
import { isObject } from '../modules/package-file.js'

/** The fixtures of a module, by its id and by how many modules share the file; undefined when there are none for it. */
export type FixturesOf = (module: string, modules: number) => readonly unknown[] | undefined

/**
 * Imports a file of fixtures: its default export is a list, for the only module, or an object with a list for each id.
 * @param where the file, or places to look for one
 * @throws JANUS_FILE_INVALID when the file that was named cannot be used
 */
export async function readFixtures(where: string | readonly string[]): Promise<FixturesOf> {
  const path = typeof where === 'string' ? where : await firstThatExists(where)
  if (path === undefined) return () => undefined
  const fixtures = await importFixtures(path)
  return (module, modules) => {
    const own = isObject(fixtures) ? fixtures[module] : modules === 1 ? fixtures : undefined
    if (own === undefined && isObject(fixtures)) return undefined
    if (Array.isArray(own) && own.every((fixture) => isObject(fixture) && typeof fixture.title === 'string')) return own
    const wanted =
      modules === 1 ? 'a list of fixtures with titles' : 'an object with a list of fixtures for each module'
    throw janusError('JANUS_FILE_INVALID', `the default export of ${path} must be ${wanted}`)
  }
}

async function importFixtures(path: string): Promise<unknown> {
  try {
    const { default: fixtures } = (await import(/* @vite-ignore */ pathToFileURL(await realpath(path)).href)) as {
      readonly default: unknown
    }
    return fixtures
  } catch (cause) {
    const [reason] = String(cause instanceof Error ? cause.message : cause).split('\n')
    throw janusError('JANUS_FILE_INVALID', `the fixtures in ${path} could not be imported: ${reason}`, { cause })
  }
}

async function firstThatExists(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const exists = await access(path).then(
      () => true,
      () => false,
    )
    if (exists) return path
  }
  return undefined
}
