import { type Janus, janusError } from '@janus/core'
import { applyWithConsent } from '../apply-with-consent.js'
import type { CommandContext, CommandResult } from '../command.js'
import { moduleOptions } from '../module-options.js'
import { viewPlan } from '../plan-view.js'
import { renderInventoryTable } from '../render/inventory-table.js'
import { renderInventoryTree } from '../render/inventory-tree.js'
import { renderPlan } from '../render/plan.js'
import { rollBackWithConsent } from '../roll-back-with-consent.js'

/** The module that binds. */
export const BINDING_MODULE = 'gpu-vfio'

interface BindOptions {
  readonly list?: boolean
  readonly table?: boolean
  readonly ascii?: boolean
  readonly device?: readonly string[]
  readonly group?: string
  readonly rollback?: boolean
  readonly dryRun?: boolean
  readonly apply?: boolean
  readonly yes?: boolean
  readonly accept?: readonly string[]
  readonly option?: readonly string[]
  readonly host?: string
}

/** `janus bind`. */
export async function run(
  context: CommandContext,
  _args: readonly string[],
  options: BindOptions,
): Promise<CommandResult> {
  if (options.list) return await list(context, options)
  if (options.rollback) return await rollBack(context, options)
  if (options.device === undefined && options.group === undefined) {
    const remedy =
      'Name what to bind with --device <address> or --group <number>; `janus bind --list` shows what there is.'
    throw janusError('JANUS_USAGE', 'nothing was named to bind', { remedy })
  }
  const janus = await context.open(options.host)
  const plan = await janus.plan(BINDING_MODULE, await optionsFor(janus, options), { signal: context.signal })
  const view = await viewPlan(janus, plan)
  if (options.apply) return await applyWithConsent(context, janus, view, options)
  const { devices } = view
  const applyWith = commandToApply(options)
  return {
    data: view,
    text: renderPlan(context.palette, plan, devices === undefined ? { applyWith } : { applyWith, devices }),
  }
}

async function list(context: CommandContext, { host, table, ascii }: BindOptions): Promise<CommandResult> {
  const janus = await context.open(host)
  const inventory = await janus.inventory()
  const { palette, drawing } = context
  const drawn = table
    ? renderInventoryTable(palette, inventory)
    : renderInventoryTree(palette, inventory, ascii ? { ...drawing, unicode: false } : drawing)
  return { data: inventory, text: drawn }
}

async function rollBack(context: CommandContext, { dryRun = false, yes = false }: BindOptions): Promise<CommandResult> {
  return await rollBackWithConsent(context, await context.open(), { module: BINDING_MODULE, dryRun, yes })
}

async function optionsFor(janus: Janus, { device, group, option = [] }: BindOptions): Promise<unknown> {
  const target = device === undefined ? { group } : { devices: device }
  return { ...(await moduleOptions(janus, BINDING_MODULE, option)), ...target }
}

/** The words that apply what these options plan; none for a captured machine. */
export function commandToApply({ device, group, option = [], accept = [], host }: BindOptions): readonly string[] {
  const target = device === undefined ? ['--group', group ?? ''] : device.flatMap((address) => ['--device', address])
  const rest = [...option.flatMap((pair) => ['-o', pair]), ...accept.flatMap((loss) => ['--accept', loss])]
  return host === undefined ? ['sudo', 'janus', 'bind', ...target, ...rest, '--apply'] : []
}
