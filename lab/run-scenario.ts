import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BootOutcome, bootLab } from './machine/boot-lab.js'
import { toldOf } from './machine/host-lacks.js'
import type { LabRecord } from './machine/record.js'
import type { Scenario, ScenarioContext } from './scenario.js'

export interface ScenarioCheck {
  readonly title: string
  readonly ok: boolean
  readonly detail?: unknown
}

export interface ScenarioOutcome {
  readonly name: string
  readonly checks: readonly ScenarioCheck[]
  readonly boots: readonly BootOutcome[]
  readonly seconds: number
}

export type ScenarioProgress = (record: Exclude<LabRecord, { type: 'value' }>) => void

const scenarioFolder = fileURLToPath(new URL('scenarios/', import.meta.url))

/** The names of all scenarios. */
export async function scenarioNames(): Promise<string[]> {
  const files = await readdir(scenarioFolder)
  return files.flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -3)] : [])).sort()
}

export async function loadScenario(name: string): Promise<Scenario> {
  const names = await scenarioNames()
  if (!names.includes(name)) throw new Error(`there is no scenario "${name}"; there are: ${names.join(', ')}`)
  const module = (await import(new URL(`scenarios/${name}.ts`, import.meta.url).href)) as { default: Scenario }
  return module.default
}

/** Runs one scenario; what goes wrong in it is a failed check of the outcome. */
export async function runScenario(name: string, progress: ScenarioProgress = () => {}): Promise<ScenarioOutcome> {
  const scenario = await loadScenario(name)
  const began = performance.now()
  const folder = await mkdtemp(join(tmpdir(), 'janus-lab-scenario-'))
  const checks: ScenarioCheck[] = []
  const boots: BootOutcome[] = []
  const check: ScenarioContext['check'] = (title, ok, detail) => {
    checks.push({ title, ok, detail })
    progress({ type: 'check', title, ok, detail })
  }
  try {
    await scenario.run({
      folder,
      check,
      note: (text) => progress({ type: 'note', text }),
      guestProgram: (program) => fileURLToPath(new URL(`guest/${program}.mjs`, import.meta.url)),
      boot: async ({ expectedEnd = 'exited', expectedCode = 0, onRecord, ...options }) => {
        const outcome = await bootLab({
          ...options,
          onRecord: (record) => {
            if (record.type === 'check') checks.push(record)
            if (record.type !== 'value') progress(record)
            onRecord?.(record)
          },
        })
        boots.push(outcome)
        const guestFailed = outcome.results.some((record) => record.type === 'check' && !record.ok)
        const clean = expectedEnd !== 'exited' || outcome.exitCode === expectedCode || guestFailed
        if (outcome.end !== expectedEnd || !clean) {
          check(`the boot ends as expected (${expectedEnd})`, false, describeEnd(outcome))
        }
        return outcome
      },
    })
    if (checks.length === 0) check('the scenario checks something', false)
  } catch (error) {
    check('the scenario runs to its end', false, toldOf(error))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return { name, checks, boots, seconds: (performance.now() - began) / 1000 }
}

function describeEnd({ end, exitCode, console }: BootOutcome): string {
  return `${end}, exit code ${exitCode}; the console ends with:\n${console.split('\n').slice(-40).join('\n')}`
}
