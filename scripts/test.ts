import { access } from 'node:fs/promises'
import { buildPackages } from './build-packages.js'
import { checkPackages } from './check-packages.js'
import { checkSite } from './check-site.js'
import { coverageText } from './coverage.js'
import { runProgram, tool } from './run-program.js'
import { runVitest } from './run-vitest.js'
import { provideSystemPackages } from './system-packages.js'
import { printToolCheck, type ToolCheck, toolCheck } from './tool-check.js'
import { repository } from './workspace.js'

/**
 * `npm test`: system packages, lint, types, tests, the packages as they would be published, documentation. `--full` also
 * runs every scenario of the lab, with `--resume` but for those that passed before over the very files that are committed. The
 * last line is `N passed, N failed`, with `, N skipped` when something was.
 */
async function main(args: readonly string[]): Promise<number> {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...(args.includes('--full') ? { JANUS_LAB: 'full' } : {}),
    ...(args.includes('--resume') ? { JANUS_LAB_RESUME: '1' } : {}),
  }
  const checks: ToolCheck[] = []
  const ended = (check: ToolCheck): void => {
    checks.push(check)
    printToolCheck(check)
  }

  const system = await provideSystemPackages(env, print)
  if (system.failed) ended({ name: 'Debian packages', ok: false, output: 'not all could be installed, see above' })
  ended(await built())
  ended(toolCheck('biome', await runProgram(tool('biome'), ['ci', '--colors=off', '.'])))
  ended(toolCheck('tsc', await runProgram(tool('tsc'), ['-p', '.', '--pretty', 'false'])))
  const tests = await runVitest([], env, true)
  checks.push(...(await checkPackages(printToolCheck)))
  for (const check of await checkSite()) ended(check)
  ended(toolCheck('smoke', await runProgram(tool('tsx'), ['scripts/smoke.ts'])))

  if (tests.coverage !== undefined) print(coverageText(tests.coverage))
  ended({ name: 'coverage', ok: tests.coverage !== undefined, output: 'vitest left no report of it' })

  const machines = await capturedMachines(env)
  if (!machines)
    print(
      'The captured machines are absent ($JANUS_MACHINES, ../shared/data/machines): the tests over them are skipped.',
    )
  if (tests.skipped.length > 0) print(['Skipped:', ...tests.skipped.map((title) => `  ${title}`)].join('\n'))
  if (env.CI === 'true' && machines) ended(nothingSkipped(tests.skipped))
  const failed = tests.failed + checks.filter(({ ok }) => !ok).length
  print(closingLine(tests.passed + checks.filter(({ ok }) => ok).length, failed, tests.skipped.length))
  return failed === 0 ? 0 : 1
}

/** In CI everything is there that a test can ask for, so a skipped test is one that nobody runs. */
function nothingSkipped(skipped: readonly string[]): ToolCheck {
  return { name: 'nothing is skipped in CI', ok: skipped.length === 0, output: skipped.join('\n') }
}

async function built(): Promise<ToolCheck> {
  const outcomes = await buildPackages({ staleOnly: true })
  const failures = outcomes.filter(({ outcome }) => outcome === 'failed' || outcome === 'not-started')
  return {
    name: 'build',
    ok: failures.length === 0,
    output: failures.map(({ name, output }) => `${name}\n${output ?? ''}`).join('\n'),
  }
}

async function capturedMachines(env: Readonly<Record<string, string | undefined>>): Promise<boolean> {
  return await access(env.JANUS_MACHINES ?? `${repository}/../shared/data/machines`).then(
    () => true,
    () => false,
  )
}

function closingLine(passed: number, failed: number, skipped: number): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

process.exitCode = await main(process.argv.slice(2))
