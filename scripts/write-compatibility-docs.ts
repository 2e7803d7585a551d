import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compatibilityDocs } from './compatibility-docs.js'
import { repository } from './workspace.js'

await writeFile(join(repository, 'docs/compatibility.md'), await compatibilityDocs())
