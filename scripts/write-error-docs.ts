import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorDocs } from './error-docs.js'
import { repository } from './workspace.js'

await writeFile(join(repository, 'docs/errors.md'), errorDocs())
