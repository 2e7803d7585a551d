import { join } from 'node:path'
import { createJanus, openHost } from '@janus/core'
import { repository } from '../workspace.js'
import { iommuGroupsSvg } from './iommu-groups.js'

/** Where the picture of the lab's groups lies, relative to the repository. */
export const LAB_GROUPS = 'docs/diagrams/iommu-groups.svg'

/** The groups of the captured machine of the lab, drawn. */
export async function labGroupsSvg(): Promise<string> {
  const host = await openHost(join(repository, 'examples/snapshots/lab.snapshot.json'))
  const janus = createJanus({ host })
  try {
    return iommuGroupsSvg(await janus.inventory(), "The IOMMU groups of the lab's machine")
  } finally {
    await janus.close()
  }
}
