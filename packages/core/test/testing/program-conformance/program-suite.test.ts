import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it, test } from 'vitest'
import {
  PROGRAM_CLAUSES,
  type ProgramClauseId,
  type ProgramFixture,
  programCases,
  programSuite,
  runProgramConformance,
} from '../../../src/testing/index.js'
import { failuresOf } from '../contract-suites/failures-of.js'
import { flawed, flaws } from './bad-programs.js'

const GOOD = fileURLToPath(new URL('fan-curve.sh', import.meta.url))
const PYTHON = fileURLToPath(new URL('swappiness.py', import.meta.url))
const clauses = Object.keys(PROGRAM_CLAUSES) as ProgramClauseId[]

const fixtures: readonly ProgramFixture[] = [
  {
    title: 'a machine with a fan',
    files: { '/sys/class/hwmon/hwmon0/pwm1_enable': '2\n', '/etc/fans': { text: 'x', mode: 0o600 } },
    options: { mode: 1 },
  },
  { title: 'a machine without fans', files: {}, refuses: true },
]

const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

describe('a module in bash', () => programSuite({ test, file: GOOD, fixtures }))

describe('a module in Python', () => {
  programSuite({
    test,
    file: PYTHON,
    directory: dirname(PYTHON),
    stated: { id: 'swappiness', type: 'host', version: '1.0.0' },
    fixtures: [{ title: 'a machine', files: { '/etc/sysctl.d': { directory: true } }, options: { value: 10 } }],
  })
})

describe('the suite for programs', () => {
  it('tries every clause', () => {
    const ids = new Set(programCases({ file: GOOD, fixtures }).map(({ id }) => id))
    expect([...ids].sort()).toEqual([...clauses].sort())
  })

  it.concurrent.each(clauses)(
    'finds exactly what is wrong with the module that breaks %s',
    async (clause) => {
      const file = await writtenModule(flawed(await readFile(GOOD, 'utf8'), flaws[clause]))
      const waits = clause === 'program-no-waiting' ? { deadline: 4_000 } : {}
      expect([...new Set(await failuresOf(programCases({ file, fixtures, ...waits })))]).toEqual([clause])
    },
    120_000,
  )

  it('lets nothing that a module does reach this machine', async () => {
    const escaped = join(tmpdir(), `janus-escaped-${process.pid}`)
    const text = (await readFile(GOOD, 'utf8')).replace(
      'SCRIPT_DIR=',
      `: >${escaped} || true\n: >/etc/janus-escaped\nSCRIPT_DIR=`,
    )
    const report = await runProgramConformance({ file: await writtenModule(text), fixtures: fixtures.slice(1) })
    expect(report.results.find(({ id }) => id === 'bash-source-silent')).toMatchObject({ ok: false })
    for (const path of [escaped, '/etc/janus-escaped']) await expect(readFile(path)).rejects.toThrow('ENOENT')
  })

  it('reports without a test runner, and names the clauses that it had nothing to try on', async () => {
    const report = await runProgramConformance({ file: GOOD, fixtures: fixtures.slice(0, 1) })
    expect(report).toMatchObject({ api: 1, module: { id: 'fan-curve', version: '1.0.0', kind: 'command' }, path: GOOD })
    expect(report.untried).toEqual(['program-apply-refuses'])
    expect(report.passed).toBe(report.total)
  })
})

/** The text in a tree of modules as they were always written: `modules/<type>/<id>.sh`. */
async function writtenModule(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'janus-program-'))
  folders.push(folder)
  const file = join(folder, 'modules/host/fan-curve.sh')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  await chmod(file, 0o755)
  return file
}
