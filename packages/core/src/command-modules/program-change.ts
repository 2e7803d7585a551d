import type { Change, Condition } from '../contract/change.js'
import { type BashMode, changeCommand, type LifecycleFunctions, type ModuleProgram } from './program-command.js'

/** What a change that runs a program is made of. */
export interface ProgramChangeSettings {
  readonly program: ModuleProgram
  /** The program and the libraries of its own, as they were when the plan was made. */
  readonly expect: readonly Condition[]
  /** The logging library of core, where bash sources it. */
  readonly log: readonly Condition[]
  /** `fan-curve 0.1.0`, for people. */
  readonly name: string
  readonly mode: BashMode
  readonly functions: LifecycleFunctions
  readonly env: Readonly<Record<string, string>>
  /** Milliseconds. */
  readonly timeout: number
}

/**
 * The one change of a program's `apply`: nobody can say beforehand what it does, so it is opaque, and its undo is the
 * program's own `rollback`. Both run only while the program and its libraries have the bytes that the plan was made for.
 * The logging library belongs to Janus: a newer Janus must be able to roll back, so the undo does not expect it.
 */
export function applyChange(settings: ProgramChangeSettings): Change {
  const { name, expect, log } = settings
  const undo = { ...runProgram(settings, 'rollback', expect), why: `undo: module ${name} rolls back what it did` }
  const apply = runProgram(settings, 'apply', [...expect, ...log])
  return { ...apply, why: `module ${name} applies what it computes itself`, undo: [undo] }
}

/** The one change of a program's `rollback`, asked for to remove left-overs. */
export function leftOversChange(settings: ProgramChangeSettings): Change {
  return {
    ...runProgram(settings, 'rollback', [...settings.expect, ...settings.log]),
    why: `module ${settings.name} removes what it left`,
    undo: { none: 'what a program removes by itself is not known, so it cannot be put back' },
  }
}

function runProgram(settings: ProgramChangeSettings, action: 'apply' | 'rollback', expect: readonly Condition[]) {
  const { program, mode, functions, env, timeout } = settings
  const command = changeCommand(program, action, mode, functions)
  return { kind: 'run-command', ...command, env, timeout, opaque: true, scope: 'persistent', expect } as const
}
