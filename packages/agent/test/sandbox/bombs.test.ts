import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import type { BombReport } from './bombs/bomb-run.js'
import { BOMBS } from './bombs/bombs.js'

const PROGRAM = fileURLToPath(new URL('./bombs/bomb-run.ts', import.meta.url))
const MOST_GROWTH = 10 * 1024 * 1024
const OWN_STATUS = 9

let reports: readonly BombReport[] = []

beforeAll(async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', PROGRAM], {
    cwd: fileURLToPath(new URL('../../../..', import.meta.url)),
    maxBuffer: 1 << 26,
  })
  reports = JSON.parse(stdout) as BombReport[]
}, 300_000)

describe.each([
  ['with the cgroups of this machine', 0],
  ['without cgroups', 1],
])('a bomb in the sandbox, %s', (_, index) => {
  const report = () => reports[index] as BombReport

  test.each(BOMBS)('$name ends as its own outcome, and nothing of it survives', (bomb) => {
    const { treeIsBounded, wentOff } = report()
    const wanted = treeIsBounded ? bomb.ends : (bomb.endsWithoutCgroups ?? bomb.ends)
    const found = wentOff[bomb.name]
    expect(found).toMatchObject({ ending: wanted, left: [] })
    if (bomb.says !== undefined) expect(found?.stderr).toMatch(bomb.says)
    if (wanted === 'exited' && bomb.says === undefined) expect(found?.exitCode).toBe(OWN_STATUS)
  })

  test('attack 20: this process grows by less than 10 MB', () => {
    expect(report().grownBytes).toBeLessThan(MOST_GROWTH)
  })

  test('attack 31: as many files are kept as there may be, and no more', () => {
    const { inodesKept } = report().wentOff['attack 31: an inode bomb'] ?? { inodesKept: 0 }
    expect(inodesKept).toBeGreaterThan(1_000)
    expect(inodesKept).toBeLessThan(32_768)
  })

  test('attack 22: an output flood is read no further than the bound', () => {
    const { outputBytes } = report().wentOff['attack 22: an output flood'] ?? { outputBytes: 0 }
    expect(outputBytes).toBeGreaterThan(16 * 1024 * 1024)
    expect(outputBytes).toBeLessThan(18 * 1024 * 1024)
  })
})
