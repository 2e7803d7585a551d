import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LAB_GROUPS, labGroupsSvg } from './diagrams/lab-groups.js'
import { repository } from './workspace.js'

await writeFile(join(repository, LAB_GROUPS), await labGroupsSvg())
