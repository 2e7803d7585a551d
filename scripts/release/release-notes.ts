import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { publicPackages } from '../workspace.js'

/** What is new in each package: the section of its newest version, as changesets wrote it into its CHANGELOG.md. */
export async function releaseNotes(root: string): Promise<string> {
  const parts = await Promise.all(
    (await publicPackages(root)).map(async ({ name, folder, json }) => {
      const text = await readFile(join(folder, 'CHANGELOG.md'), 'utf8').catch(() => '')
      const section = text.split(/^## /m).find((part) => part.startsWith(`${json.version}\n`))
      return section === undefined ? [] : [`## ${name} ${section.trim()}\n`]
    }),
  )
  return parts.flat().join('\n')
}
