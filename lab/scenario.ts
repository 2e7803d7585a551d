import type { BootOptions, BootOutcome } from './machine/boot-lab.js'

export interface ScenarioBoot extends BootOptions {
  /** Default `exited`. */
  readonly expectedEnd?: BootOutcome['end']
  /** Default 0; a program with failed checks ends with 1, and that is not counted twice. */
  readonly expectedCode?: number
}

/** What a scenario works with. Checks of the guest are collected by `boot`; `check` adds one of the host side. */
export interface ScenarioContext {
  /** Boots and waits for the end; an unexpected end or exit code is a failed check. */
  boot(options: ScenarioBoot): Promise<BootOutcome>
  check(title: string, ok: boolean, detail?: unknown): void
  note(text: string): void
  /** A temporary folder for disk images and the like. */
  readonly folder: string
  /** A program of `lab/guest`, by its file name without the ending. */
  guestProgram(name: string): string
}

export interface Scenario {
  readonly summary: string
  /** Part of the set that `npm test` runs. */
  readonly smoke?: boolean
  /** The whole scenario's deadline belongs to its boots; each has its own. */
  run(context: ScenarioContext): Promise<void>
}

export function defineScenario(scenario: Scenario): Scenario {
  return scenario
}
