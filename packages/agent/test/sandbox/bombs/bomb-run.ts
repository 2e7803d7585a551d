// A process of its own, whose memory is nobody else's: lets each bomb go off in the sandbox, with cgroups and without, and tells how it ended, what was left of
// it, and by how much this process grew.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { NO_CGROUPS, type RunSandbox } from '../../../src/index.js'
import { openRunCgroups } from '../../../src/sandbox/open-run-cgroups.js'
import { testSandbox } from '../../support/run-sandbox.js'
import { SMALL } from '../../support/small-limits.js'
import { BOMBS, type Bomb } from './bombs.js'

/** How a bomb went off. */
export interface WentOff {
  readonly ending: string
  readonly exitCode: number | undefined
  readonly stderr: string
  readonly outputBytes: number
  readonly left: readonly string[]
  readonly inodesKept: number
}

/** What all of them did. */
export interface BombReport {
  readonly treeIsBounded: boolean
  readonly wentOff: Readonly<Record<string, WentOff>>
  readonly grownBytes: number
}

const MARK = `JANUS_BOMB=${process.pid}`
const SAMPLE = 50
const ORDINARY_RUNS = 30
let runs = 0
const only = process.argv[2]

const reports: BombReport[] = []
for (const openCgroups of [openRunCgroups, async () => NO_CGROUPS]) {
  const opened = await testSandbox({ openCgroups })
  const tested = await opened.sandbox.selfTest()
  // What a process grows by while it gets into its stride is nothing that a bomb did.
  for (let n = 0; n < ORDINARY_RUNS; n += 1)
    await opened.shell('head -c 1M /dev/zero; for n in $(seq 300); do echo $n >$n; done')
  const before = process.memoryUsage().rss
  let most = before
  const sampler = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss)
  }, SAMPLE)
  const wentOff: Record<string, WentOff> = {}
  for (const bomb of BOMBS)
    if (only === undefined || bomb.name.includes(only)) wentOff[bomb.name] = await setOff(opened.sandbox, bomb)
  clearInterval(sampler)
  await opened.close()
  const treeIsBounded = tested.enforced.some(({ dimension, enforced }) => dimension === 'memory-tree' && enforced)
  reports.push({ treeIsBounded, wentOff, grownBytes: most - before })
}
process.stdout.write(JSON.stringify(reports))
process.exit(0)

async function setOff(
  sandbox: RunSandbox,
  { program, argv, wallSeconds, cpuSeconds = SMALL.cpuSeconds }: Bomb,
): Promise<WentOff> {
  runs += 1
  const [name = '', value = ''] = MARK.split('=')
  const end = await sandbox.run({
    id: `bomb-${runs}`,
    program,
    argv,
    environment: { [name]: value },
    limits: { ...SMALL, wallSeconds, cpuSeconds },
    network: [],
    grace: 300,
  })
  return {
    ending: end.ending,
    exitCode: end.exitCode,
    stderr: end.stderr.text.slice(0, 500),
    outputBytes: end.stdout.bytes + end.stderr.bytes,
    left: processesOf(MARK),
    // Counted by another process: this one's memory is measured.
    inodesKept: Number(execFileSync('/bin/sh', ['-c', 'ls -U "$0" | wc -l', end.workspace])),
  }
}

/** Those that were started with it in their environment; a zombie has none any more. */
function processesOf(mark: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(mark)
    } catch {
      return false
    }
  })
}
