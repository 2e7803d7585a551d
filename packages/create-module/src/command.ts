import { parseArguments, usage } from './arguments.js'
import { isCreateError } from './create-error.js'
import { type CreatedModule, createModule } from './create-module.js'
import { nextSteps } from './next-steps.js'

/** What the command answers: a contributed command of `@janus/core`, which a scaffold does not need for anything else. */
export interface CommandAnswer {
  readonly data: CreatedModule | null
  readonly text: string
  readonly exitCode: number
  readonly diagnostics: readonly {
    readonly severity: 'error'
    readonly code: 'JANUS_USAGE'
    readonly summary: string
    readonly remedy: string
  }[]
}

/** Runs `janus module create`. It asks nothing: what was not said is as by default. */
export async function run(_context: unknown, args: readonly string[]): Promise<CommandAnswer> {
  try {
    const { folder, help, ...names } = parseArguments(args)
    if (help) return { data: null, text: usage('janus module create'), exitCode: 0, diagnostics: [] }
    if (folder === undefined) return refused('no folder was named')
    const created = await createModule({ ...names, folder })
    return { data: created, text: nextSteps(created, process.cwd()), exitCode: 0, diagnostics: [] }
  } catch (error) {
    if (!isCreateError(error)) throw error
    return refused(error.message)
  }
}

function refused(summary: string): CommandAnswer {
  const remedy = 'See `janus module create --help`.'
  return {
    data: null,
    text: '',
    exitCode: 1,
    diagnostics: [{ severity: 'error', code: 'JANUS_USAGE', summary, remedy }],
  }
}
