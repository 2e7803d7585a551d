import { type Janus, janusError, type PlannedProfile } from '@janus/core'
import { type ConsentFlags, renderReport } from '../apply-with-consent.js'
import type { CommandContext, CommandResult } from '../command.js'
import { viewPlan } from '../plan-view.js'
import { readPresentFiles } from '../present-files.js'
import { type Fragment, join } from '../render/markup.js'
import type { Palette } from '../render/palette.js'
import { renderPlan } from '../render/plan.js'
import { renderStage, stageWords } from '../render/profile.js'

interface ApplyFlags extends ConsentFlags {
  readonly dryRun?: boolean
  readonly module?: readonly string[]
}

/** `janus profile apply`. */
export async function run(
  context: CommandContext,
  [name = '']: readonly string[],
  { dryRun = false, yes = false, accept = [], module }: ApplyFlags,
): Promise<CommandResult> {
  const janus = await context.open(undefined, module)
  const { profile } = await janus.readProfile(name)
  const planned = await janus.planProfile(profile, { signal: context.signal })
  if (dryRun) return { data: planned, text: (await shown(janus, planned))(context.palette) }
  if (planned.plan.changes.length > 0) {
    context.show(await shown(janus, planned))
    // Nobody is asked for a yes to what cannot be started.
    await janus.preflight(planned.plan, { accept })
    await context.confirm({ question: questionOf(planned), yes })
  }
  const report = await context.mutate(() =>
    janus.applyProfile(planned, {
      accept,
      signal: context.signal,
      async confirmStage(next) {
        context.show(await shown(janus, next))
        await confirmOrAbort(context, questionOf(next), yes)
        return true
      },
    }),
  )
  return { data: report, text: renderReport(context, report) }
}

/** A signal while somebody is asked for the second stage is no failure: what was done is undone. */
async function confirmOrAbort(context: CommandContext, question: string, yes: boolean): Promise<void> {
  await context.confirm({ question, yes }).catch((error: unknown) => {
    throw context.signal.aborted ? janusError('JANUS_ABORTED', 'cancelled while a stage was asked for') : error
  })
}

function questionOf({ profile, stage, plan }: PlannedProfile): string {
  return `Apply ${stageWords(profile, stage)}, plan ${plan.digest.slice(0, 12)} (${plan.changes.length} steps)?`
}

async function shown(janus: Janus, planned: PlannedProfile): Promise<(palette: Palette) => Fragment> {
  const { plan, devices } = await viewPlan(janus, planned.plan)
  const present = await readPresentFiles(janus, plan)
  return (palette) =>
    join(
      [
        renderStage(palette, planned),
        renderPlan(palette, plan, devices === undefined ? { present } : { present, devices }),
      ],
      '\n\n',
    )
}
