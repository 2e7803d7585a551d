import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { DebianPackage } from './packages.js'

/** Those of the packages whose program is neither on PATH nor where the administrator's programs are, or whose file is not there. */
export async function missingPackages(
  packages: readonly DebianPackage[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly DebianPackage[]> {
  const found = await Promise.all(packages.map(async ({ provides }) => await isPresent(provides, env)))
  return packages.filter((_, index) => !found[index])
}

async function isPresent(provides: string, env: Readonly<Record<string, string | undefined>>): Promise<boolean> {
  const folders = [...(env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  const places = provides.startsWith('/') ? [provides] : folders.map((folder) => join(folder, provides))
  const answers = await Promise.all(
    places.map((place) =>
      access(place).then(
        () => true,
        () => false,
      ),
    ),
  )
  return answers.includes(true)
}
