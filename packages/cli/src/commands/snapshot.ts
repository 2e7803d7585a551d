import { janusError } from '@janus/core'
import type { CommandContext, CommandResult } from '../command.js'
import { writeNewFile } from '../files.js'
import { text } from '../render/markup.js'

interface SnapshotFlags {
  readonly host?: string
  readonly out?: string
  readonly mask: boolean
}

/** `janus snapshot`. */
export async function run(
  context: CommandContext,
  _args: readonly string[],
  { host, out, mask }: SnapshotFlags,
): Promise<CommandResult> {
  if (out === undefined) throw janusError('JANUS_USAGE', 'say with --out <file> where the snapshot goes')
  const janus = await context.open(host)
  const snapshot = await janus.snapshot({ mask })
  await writeNewFile(out, `${JSON.stringify(snapshot, null, 1)}\n`)
  const entries = Object.keys(snapshot.entries).length
  return {
    data: { out, entries, masked: snapshot.masked, capturedAt: snapshot.capturedAt },
    text: text`Captured ${entries} paths in ${out}${snapshot.masked ? ', identities masked' : ', identities as they are'}.`,
  }
}
