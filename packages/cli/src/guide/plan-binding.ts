import { isJanusError, type Janus, type Plan } from '@janus/core'
import type { CommandContext } from '../command.js'
import { BINDING_MODULE } from '../commands/bind.js'
import { describeFailure } from '../failure.js'
import { renderDiagnostic } from '../render/diagnostic.js'
import { optionOf, refusalsOf } from '../render/insist.js'
import { lines, text } from '../render/markup.js'
import { isYes } from '../terminal/confirm.js'

/** A plan that binds a device, and what it was asked for with. */
export interface BindingPlan {
  readonly plan: Plan
  readonly device: string
  /** Options of the module as `-o` takes them. */
  readonly option: readonly string[]
}

/**
 * Plans the binding of a device. Each further function of its group that has to go along is asked for by itself; every
 * other refusal is shown, and stands.
 * @returns undefined when it is refused, or when something that has to go along may not
 */
export async function planBinding(
  context: CommandContext,
  janus: Janus,
  device: string,
): Promise<BindingPlan | undefined> {
  const siblings: string[] = []
  for (;;) {
    try {
      const options = { devices: [device], ...(siblings.length === 0 ? {} : { includeSiblings: siblings }) }
      const plan = await janus.plan(BINDING_MODULE, options, { signal: context.signal })
      return { plan, device, option: siblings.map((sibling) => `includeSiblings=${sibling}`) }
    } catch (error) {
      const wanted = siblingsWantedBy(error)?.filter((sibling) => !siblings.includes(sibling)) ?? []
      if (wanted.length === 0) return refused(context, error)
      for (const sibling of wanted) {
        const question = text`${sibling} is in the same group and has to go along. Take it from its driver too? [y/N] `
        if (!isYes(await context.line(question))) {
          context.print(text`A group is given away as a whole or not at all: ${device} stays.`)
          return undefined
        }
        siblings.push(sibling)
      }
    }
  }
}

function refused({ palette, print }: CommandContext, error: unknown): undefined {
  if (!isJanusError(error) || error.code !== 'JANUS_DEVICE_REFUSED') throw error
  const { diagnostics } = describeFailure(error, undefined)
  print(lines(text``, ...diagnostics.map((diagnostic) => renderDiagnostic(palette, diagnostic)), text``))
}

/** The functions that a refusal asks for; undefined when anything else stands in the way too. */
function siblingsWantedBy(error: unknown): readonly string[] | undefined {
  if (!isJanusError(error)) return undefined
  const options = refusalsOf(error.data).map(optionOf)
  if (options.length === 0 || !options.every((option) => option?.name === 'includeSiblings')) return undefined
  const values = options.flatMap((option) => option?.value)
  return values.every((value) => typeof value === 'string') ? [...new Set(values)] : undefined
}
