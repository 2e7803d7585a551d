import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { manPages } from './man/man-pages.js'
import { repository } from './workspace.js'

for (const [path, text] of Object.entries(await manPages())) await writeFile(join(repository, path), text)
