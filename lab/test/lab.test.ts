import { beforeAll, describe, expect, test } from 'vitest'
import { repository } from '../../scripts/workspace.js'
import { type KeptOutcomes, openKeptOutcomes } from '../kept-outcomes.js'
import { obtainInitramfs } from '../machine/initramfs.js'
import { obtainKernel } from '../machine/kernel.js'
import { missingPackages } from '../missing-packages.js'
import { labPackages } from '../packages.js'
import { loadScenario, runScenario, type ScenarioOutcome, scenarioNames } from '../run-scenario.js'

// Boots have deadlines of their own; these only end what those cannot.
const MINUTE = 60_000
const SMOKE_TIMEOUT = 40 * MINUTE
const FULL_TIMEOUT = 240 * MINUTE
const CONSOLE_LINES = 30

/** What only the tests of `npm run test:full` run; the scenarios that record or compare are commands, not tests. */
const COMMANDS = new Set(['bench', 'cgroup-answers', 'compare', 'kernel-answers', 'processor-answers', 'tree'])

const full = process.env.JANUS_LAB === 'full'
const resumes = process.env.JANUS_LAB_RESUME === '1'
const missing = await missingPackages(labPackages, process.env)
const titled = await Promise.all(
  (await scenarioNames())
    .filter((name) => !COMMANDS.has(name))
    .map(async (name) => ({ name, ...(await loadScenario(name)) })),
)
// A smoke scenario that has a whole one beside it is a part of that.
const isPart = (name: string): boolean => titled.some((other) => name === `${other.name}-smoke`)
const scenarios = titled.filter(({ name, smoke }) => (full ? !isPart(name) : smoke))

if (missing.length > 0) {
  const names = missing.map(({ name }) => name).join(', ')
  test.skip(`lab: ${scenarios.length} scenarios need ${names}`, () => {})
} else {
  // A guest has one processor: two at a time (maxConcurrency) keep a machine of two busy.
  describe.concurrent(`lab, ${full ? 'all scenarios' : 'smoke scenarios'}`, () => {
    let kept: KeptOutcomes | undefined
    beforeAll(async () => {
      const kernel = await obtainKernel()
      await obtainInitramfs(kernel)
      if (full) kept = await openKeptOutcomes(repository, kernel.release)
      if (full && kept === undefined) process.stdout.write('lab: nothing is kept, because files are not as committed\n')
    }, SMOKE_TIMEOUT)

    for (const { name, summary } of scenarios) {
      test(`${name}: ${summary}`, { timeout: full ? FULL_TIMEOUT : SMOKE_TIMEOUT }, async () => {
        const earlier = resumes ? await kept?.find(name) : undefined
        if (earlier !== undefined) {
          process.stdout.write(`lab ${name}: ${earlier.passed} passed, 0 failed, over these files at ${earlier.at}\n`)
          return
        }
        const outcome = await runScenario(name)
        // One file of tests is told of at its end, hours later.
        process.stdout.write(`${summaryOf(outcome)}\n`)
        if (outcome.checks.some(({ ok }) => !ok)) expect.fail(describeFailure(outcome))
        await kept?.keep(outcome)
      })
    }
  })
}

function summaryOf({ name, checks }: ScenarioOutcome): string {
  const failed = checks.filter(({ ok }) => !ok).length
  return `lab ${name}: ${checks.length - failed} passed, ${failed} failed`
}

/** The failed checks, then the end of the console of each boot. */
function describeFailure({ name, checks, boots }: ScenarioOutcome): string {
  const failed = checks.filter(({ ok }) => !ok)
  const consoles = boots.map(({ console }, index) =>
    [`console of boot ${index + 1}:`, ...console.trimEnd().split('\n').slice(-CONSOLE_LINES)].join('\n'),
  )
  return [
    `${failed.length} of ${checks.length} checks of ${name} failed`,
    ...failed.map(({ title, detail }) => `FAIL ${title}${detail === undefined ? '' : `\n${indented(detail)}`}`),
    ...consoles,
  ].join('\n')
}

function indented(detail: unknown): string {
  const text = typeof detail === 'string' ? detail : JSON.stringify(detail, null, 2)
  return text.replace(/^/gm, '  | ')
}
