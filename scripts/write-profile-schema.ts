import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { profileJsonSchema } from '../packages/core/src/profile/profile-json-schema.js'
import { repository } from './workspace.js'

await writeFile(
  join(repository, 'packages/core/profile.schema.json'),
  `${JSON.stringify(profileJsonSchema(), null, 2)}\n`,
)
