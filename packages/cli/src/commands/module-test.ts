import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Janus, janusError } from '@janus/core'
import type { CommandContext, CommandResult } from '../command.js'
import { renderConformance } from '../render/conformance.js'
import { join } from '../render/markup.js'

interface TestFlags {
  readonly fixtures?: string
  readonly module?: readonly string[]
}

/** `janus module test`. */
export async function run(
  context: CommandContext,
  [name = '']: readonly string[],
  { fixtures, module = [] }: TestFlags,
): Promise<CommandResult> {
  const janus = await context.open(undefined, module)
  const path = await pathOf(context, janus, name)
  const reports = await janus.testModule(path.file, {
    signal: context.signal,
    ...(fixtures === undefined ? {} : { fixtures: resolve(context.cwd, fixtures) }),
  })
  const wanted = path.id === undefined ? reports : reports.filter((report) => report.module.id === path.id)
  return {
    data: { reports: wanted },
    text: join(
      wanted.map((report) => renderConformance(context.palette, report)),
      '\n\n',
    ),
    exitCode: wanted.every(({ passed, total }) => passed === total) ? 0 : 1,
  }
}

/** What looks like a path is one, and so is what lies there; everything else is the id of a module. */
async function pathOf(
  context: CommandContext,
  janus: Janus,
  name: string,
): Promise<{ readonly file: string; readonly id?: string }> {
  const file = resolve(context.cwd, name)
  if (/[/.]/.test(name) || existsSync(file)) return { file }
  const rows = await janus.modules()
  const row = rows.find(({ id, path }) => id === name && path !== undefined)
  if (row?.path !== undefined) return { file: row.path, id: name }
  throw janusError('JANUS_MODULE_NOT_FOUND', `there is neither a file nor a module ${JSON.stringify(name)}`)
}
