import { findProgram } from '../host/queries/find-program.js'
import { BASH_LOADER } from './bash-loader.js'
import { PROGRAM_PATH } from './program-environment.js'

/** How a module in bash is run: sourced by a bash that calls its function, or executed by one. */
export type BashMode = 'source' | 'subshell'

/** What a program can be asked for. */
export type ProgramAction = 'meta' | 'check' | 'apply' | 'rollback'

/** The file of a module. */
export interface ModuleProgram {
  /** Absolute, without links. */
  readonly path: string
  /** bash runs what is called `*.sh`; everything else is executed itself. */
  readonly language: 'bash' | 'any'
}

/** A command line: the action and the path are arguments, never part of a text that a shell reads. */
export interface ProgramCommand {
  readonly command: string
  readonly args: readonly string[]
}

/** The command line that asks a program for an action. */
export function programCommand(
  { path, language }: ModuleProgram,
  action: ProgramAction,
  mode: BashMode,
): ProgramCommand {
  if (language === 'any') return { command: path, args: [action] }
  if (mode === 'subshell') return { command: bash(), args: [path, action] }
  return { command: bash(), args: ['--noprofile', '--norc', '-c', BASH_LOADER, 'janus-module', path, action] }
}

function bash(): string {
  const found = findProgram('bash', PROGRAM_PATH)
  return (found.available ? found.path : null) ?? '/bin/bash'
}
