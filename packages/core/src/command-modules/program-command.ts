import { findProgram } from '../host/queries/find-program.js'
import { BASH_CALLER, BASH_LOADER } from './bash-loader.js'
import { PROGRAM_PATH } from './program-environment.js'

/** How a module in bash is run: sourced by a bash that calls its function, or executed by one. */
export type BashMode = 'source' | 'subshell'

/** The file of a module. */
export interface ModuleProgram {
  /** Absolute, without links. */
  readonly path: string
  /** bash runs what is called `*.sh`; everything else is executed itself. */
  readonly language: 'bash' | 'any'
}

/** Functions of a module in bash that change something, as it calls them. */
export interface LifecycleFunctions {
  readonly apply: string
  readonly rollback: string
}

/** A command line: path, action and function are arguments, never part of a text that a shell reads. */
export interface ProgramCommand {
  readonly command: string
  readonly args: readonly string[]
}

/** The command line that asks a program a question. */
export function questionCommand(program: ModuleProgram, action: 'meta' | 'check', mode: BashMode): ProgramCommand {
  return commandFor(program, action, mode, [BASH_LOADER, action])
}

/** The command line that has a program change something. */
export function changeCommand(
  program: ModuleProgram,
  action: 'apply' | 'rollback',
  mode: BashMode,
  functions: LifecycleFunctions,
): ProgramCommand {
  return commandFor(program, action, mode, [BASH_CALLER, functions[action]])
}

function commandFor(
  { path, language }: ModuleProgram,
  action: string,
  mode: BashMode,
  [script, word]: readonly [script: string, word: string],
): ProgramCommand {
  if (language === 'any') return { command: path, args: [action] }
  if (mode === 'subshell') return { command: bash(), args: [path, action] }
  return { command: bash(), args: ['--noprofile', '--norc', '-c', script, 'janus-module', path, word] }
}

function bash(): string {
  const found = findProgram('bash', PROGRAM_PATH)
  return (found.available ? found.path : null) ?? '/bin/bash'
}
