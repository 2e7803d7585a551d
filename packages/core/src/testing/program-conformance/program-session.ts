import { basename, join } from 'node:path'
import { BASH_LOADER } from '../../command-modules/bash-loader.js'
import { optionsEnvironment, programOptions } from '../../command-modules/options-environment.js'
import { programEnvironment } from '../../command-modules/program-environment.js'
import type { HostTree } from '../contract-suites/host-suite.js'
import type { MachineState } from './machine-state.js'
import { createProgramMachine, type MachineAnswer, PROGRAM_PLACES } from './program-machine.js'
import { isBash, type ProgramFixture, type TestedProgram } from './program-subject.js'
import { SOURCE_PROBE } from './source-probe.js'

/** Ways to run a module: bash sources it and calls the function, or it is executed with the action. */
export type ExecMode = 'source' | 'execute'

/** What can be asked of a program on one machine. */
export interface ProgramSession {
  act(action: string, options?: ActOptions): Promise<MachineAnswer>
  /** Sources a bash module and prints what that did to the shell. */
  probe(): Promise<MachineAnswer>
  state(): Promise<MachineState>
}

/** How an action is run. */
export interface ActOptions {
  /** Default: `source` for bash, `execute` for others. */
  readonly mode?: ExecMode
  readonly place?: keyof typeof PROGRAM_PLACES
  readonly readOnly?: boolean
  /** Standard input that neither brings anything nor ends. Default: it is empty. */
  readonly endlessInput?: boolean
}

const DEADLINE = 20_000
const ENDLESS = 'mkfifo /dev/shm/never && exec 0<>/dev/shm/never && exec "$@"'

/** Lends a machine with a program on it, new each time, and takes it away. */
export async function onProgramMachine<Result>(
  subject: TestedProgram,
  fixture: Pick<ProgramFixture, 'files' | 'options'>,
  work: (session: ProgramSession) => Promise<Result>,
): Promise<Result> {
  const machine = await createProgramMachine(subject, fixture.files)
  const { deadline = DEADLINE, file } = subject
  const env = {
    ...programEnvironment('/root'),
    ...optionsEnvironment(programOptions(basename(file), fixture.options ?? {})),
    JANUS_LOG_LIBRARY: join(PROGRAM_PLACES.plain, machine.library),
  }
  const at = (place: keyof typeof PROGRAM_PLACES) => join(PROGRAM_PLACES[place], machine.entry)
  try {
    return await work({
      state: machine.state,
      act(action, options = {}) {
        const { place = 'plain', readOnly = false, endlessInput = false } = options
        const { mode = isBash(file) ? 'source' : 'execute' } = options
        const words = wordsOf(at(place), action, mode, isBash(file))
        const args = endlessInput ? (['/bin/bash', '-c', ENDLESS, 'janus-input', ...words] as const) : words
        return machine.run({ args, env, deadline, readOnly })
      },
      probe() {
        const args = ['/bin/bash', '-c', SOURCE_PROBE, 'janus-probe', at('plain')] as const
        return machine.run({ args, env, deadline })
      },
    })
  } finally {
    await machine.close()
  }
}

/** A machine on which nothing can be seen. */
export const BARE: { readonly files: HostTree } = { files: {} }

function wordsOf(file: string, action: string, mode: ExecMode, bash: boolean): readonly [string, ...string[]] {
  if (!bash) return [file, action]
  return mode === 'source'
    ? ['/bin/bash', '-c', BASH_LOADER, 'janus-module', file, action]
    : ['/bin/bash', file, action]
}
