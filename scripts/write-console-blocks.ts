import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withCurrentOutput } from './console-blocks.js'
import { repository } from './workspace.js'

for (const page of ['README.md', 'docs/getting-started.md']) {
  const file = join(repository, page)
  await writeFile(file, await withCurrentOutput(await readFile(file, 'utf8')))
}
