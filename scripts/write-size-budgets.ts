import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packPackages } from './packed-packages.js'
import { installedSizes } from './release/installed-sizes.js'
import { BUDGETS_FILE, makeSizeBudgets } from './release/size-budgets.js'
import { runProgram } from './run-program.js'

/** `npm run sizes`: sets the size budgets to what is built now, with a tenth of room. */
async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'janus-sizes-'))
  try {
    const packages = await packPackages(folder)
    const project = join(folder, 'project')
    await mkdir(project)
    await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'somebody', private: true }))
    const args = ['install', '--no-audit', '--no-fund', ...packages.map(({ tarball }) => tarball)]
    const { exitCode, output } = await runProgram('npm', args, { cwd: project })
    if (exitCode !== 0) throw new Error(output)
    const budgets = makeSizeBudgets(packages, await installedSizes(project))
    await writeFile(BUDGETS_FILE, `${JSON.stringify(budgets, undefined, 2)}\n`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

await main()
