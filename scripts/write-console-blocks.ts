import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Comparison } from '../lab/compare/observation.js'
import { withSummaryTable } from '../lab/compare/summary-table.js'
import { withCurrentOutput } from './console-blocks.js'
import { repository } from './workspace.js'

const RECORDED = 'lab/recorded/comparison-6.1.0-56-amd64.json'

const comparison = JSON.parse(await readFile(join(repository, RECORDED), 'utf8')) as Comparison
for (const page of ['README.md', 'docs/modules/cpu-topology.md']) {
  const file = join(repository, page)
  await writeFile(file, withSummaryTable(await withCurrentOutput(await readFile(file, 'utf8')), comparison))
}
