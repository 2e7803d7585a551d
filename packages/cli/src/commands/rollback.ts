import { janusError } from '@janus/core'
import type { CommandContext, CommandResult } from '../command.js'
import { rollBackWithConsent } from '../roll-back-with-consent.js'

interface RollbackFlags {
  readonly last?: boolean
  readonly profile?: string
  readonly cascade?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
}

/** `janus rollback`. */
export async function run(
  context: CommandContext,
  [transaction]: readonly string[],
  { last = false, profile, cascade = false, dryRun = false, yes = false }: RollbackFlags,
): Promise<CommandResult> {
  if (last && transaction !== undefined) {
    throw janusError('JANUS_USAGE', '--last and a transaction contradict each other', { remedy: 'Name one of them.' })
  }
  if (profile !== undefined && transaction !== undefined) {
    const problem = '--profile and a transaction contradict each other'
    throw janusError('JANUS_USAGE', problem, { remedy: 'Name one of them.' })
  }
  const janus = await context.open()
  const named = {
    ...(transaction === undefined ? {} : { transaction }),
    ...(profile === undefined ? {} : { module: `profile:${profile}` }),
  }
  return await rollBackWithConsent(context, janus, { ...named, cascade, dryRun, yes })
}
