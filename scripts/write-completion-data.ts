import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { completionData } from './completion-data.js'
import { repository } from './workspace.js'

for (const [folder, text] of Object.entries(completionData())) {
  await writeFile(join(repository, 'packages', folder, 'completion.json'), text)
}
