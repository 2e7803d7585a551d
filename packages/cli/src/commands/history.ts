import type { CommandContext, CommandResult } from '../command.js'
import { renderHistory } from '../render/history.js'

/** `janus history`. */
export async function run(context: CommandContext): Promise<CommandResult> {
  const janus = await context.open()
  const transactions = await janus.history()
  return { data: { transactions }, text: renderHistory(context.palette, transactions) }
}
