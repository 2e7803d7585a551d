import { type Janus, janusError, type Plan } from '@janus/core'
import { applyWithConsent, type ConsentFlags } from '../apply-with-consent.js'
import type { CommandContext, CommandResult } from '../command.js'
import { readJsonFile } from '../files.js'
import { moduleOptions } from '../module-options.js'
import { viewPlan } from '../plan-view.js'

interface ApplyFlags extends ConsentFlags {
  readonly option?: readonly string[]
  readonly module?: readonly string[]
}

/** `janus apply`. */
export async function run(
  context: CommandContext,
  [target = '']: readonly string[],
  options: ApplyFlags,
): Promise<CommandResult> {
  const janus = await context.open(undefined, options.module)
  const plan = isPlanFile(target)
    ? await planFrom(janus, target, options)
    : await planOf(context, janus, target, options)
  return await applyWithConsent(context, janus, await viewPlan(janus, plan), options)
}

function isPlanFile(target: string): boolean {
  return target === '-' || target.endsWith('.json') || target.includes('/')
}

async function planFrom(janus: Janus, file: string, { option = [], module = [] }: ApplyFlags): Promise<Plan> {
  if (option.length + module.length > 0) {
    const remedy = 'Leave -o and --module away, or name the module instead of the file.'
    throw janusError('JANUS_USAGE', 'a plan is applied as it is and takes no options', { remedy })
  }
  return await janus.readPlan(await readJsonFile(file))
}

async function planOf(
  context: CommandContext,
  janus: Janus,
  module: string,
  { option = [] }: ApplyFlags,
): Promise<Plan> {
  return await janus.plan(module, await moduleOptions(janus, module, option), { signal: context.signal })
}
