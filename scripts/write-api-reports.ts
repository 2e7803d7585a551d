import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiReport, apiReports } from './api-reports.js'
import { runProgram } from './run-program.js'
import { repository } from './workspace.js'

const COMMITTED = join(repository, 'etc')

/** `npm run api`: brings `etc/*.api.md` up to date. With `--check` it writes nothing and fails with the difference. */
async function main(args: readonly string[]): Promise<number> {
  const reports = await apiReports()
  if (!args.includes('--check')) {
    await write(COMMITTED, reports)
    return 0
  }
  const folder = await mkdtemp(join(tmpdir(), 'janus-api-now-'))
  try {
    await write(folder, reports)
    const { exitCode, output } = await runProgram('diff', ['-ruN', '--exclude=size-budgets.json', COMMITTED, folder])
    if (exitCode === 0) return 0
    process.stdout.write(`${output}\nThe public API is not what etc/ says. Is that meant? Then run \`npm run api\`.\n`)
    return 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function write(folder: string, reports: readonly ApiReport[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  const stale = (await readdir(folder)).filter(
    (name) => name.endsWith('.api.md') && !reports.some(({ file }) => file === name),
  )
  for (const name of stale) await rm(join(folder, name))
  for (const { file, text } of reports) await writeFile(join(folder, file), text)
}

process.exitCode = await main(process.argv.slice(2))
