import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publicPackages, repository } from './workspace.js'

/** Brings `src/version.ts` of every package that has one to the version in its package.json: changesets knows nothing of it. */
export async function writeVersions(root: string = repository): Promise<void> {
  for (const { folder, json } of await publicPackages(root)) {
    const file = join(folder, 'src/version.ts')
    const text = await readFile(file, 'utf8').catch(() => undefined)
    if (text === undefined) continue
    await writeFile(file, text.replace(/(VERSION = ')[^']*'/, `$1${json.version}'`))
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeVersions()
