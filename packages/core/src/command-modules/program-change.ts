import type { Change, Condition } from '../contract/change.js'
import { type BashMode, changeCommand, type LifecycleFunctions, type ModuleProgram } from './program-command.js'

/** What a change that runs a program is made of. */
export interface ProgramChangeSettings {
  readonly program: ModuleProgram
  /** SHA-256 of the program, lower-case hex. */
  readonly digest: string
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
 * program's own `rollback`. Both run only while the program has the bytes that the plan was made for.
 */
export function applyChange(settings: ProgramChangeSettings): Change {
  const { name } = settings
  const undo = { ...runProgram(settings, 'rollback'), why: `undo: module ${name} rolls back what it did` }
  return { ...runProgram(settings, 'apply'), why: `module ${name} applies what it computes itself`, undo: [undo] }
}

/** The one change of a program's `rollback`, asked for to remove left-overs. */
export function leftOversChange(settings: ProgramChangeSettings): Change {
  return {
    ...runProgram(settings, 'rollback'),
    why: `module ${settings.name} removes what it left`,
    undo: { none: 'what a program removes by itself is not known, so it cannot be put back' },
  }
}

function runProgram(settings: ProgramChangeSettings, action: 'apply' | 'rollback') {
  const { program, digest, mode, functions, env, timeout } = settings
  const expect: readonly Condition[] = [{ kind: 'sha256', path: program.path, value: digest }]
  const command = changeCommand(program, action, mode, functions)
  return { kind: 'run-command', ...command, env, timeout, opaque: true, scope: 'persistent', expect } as const
}
