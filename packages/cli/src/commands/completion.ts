import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { janusError } from '@janus/core'
import type { CommandContext, CommandResult } from '../command.js'
import { PLACEHOLDERS } from '../command-line/placeholders.js'
import { PACKAGE_JSON } from '../package-json.js'
import { lines, text } from '../render/markup.js'

/** `janus completion`: the script of a shell, as it lies in this package. */
export async function run(_context: CommandContext, [shell = '']: readonly string[]): Promise<CommandResult> {
  const shells = PLACEHOLDERS.shell as readonly string[]
  if (!shells.includes(shell)) {
    const problem = `there is no completion for ${JSON.stringify(shell)}`
    throw janusError('JANUS_USAGE', problem, { remedy: `Name one of ${shells.join(', ')}.` })
  }
  const script = await readFile(join(PACKAGE_JSON, `../completion/janus.${shell}`), 'utf8')
  const printed = script.trimEnd().split('\n')
  return { data: { shell, script }, text: lines(printed.map((line) => text`${line}`)) }
}
