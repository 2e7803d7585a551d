import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { errnoOf } from '@janus/core/state'
import * as z from '@janus/core/zod'
import { parseJson } from '../json/parse-json.js'
import { visibleName } from '../review/visible-text.js'
import type { AgentSettings } from '../settings/agent-settings.js'

const MOST_BYTES = 1024 * 1024
const OTHERS_MAY_WRITE = 0o022
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/

const fileSchema = z.strictObject({
  schema: z.literal('janus.maintenance/1'),
  tasks: z
    .array(
      z.strictObject({
        task: z.string().min(1).max(200),
        critical: z.boolean(),
        /** ISO 8601 with its offset. */
        due: z
          .string()
          .regex(TIME)
          .refine((time) => !Number.isNaN(Date.parse(time))),
        done: z.boolean().default(false),
      }),
    )
    .max(1000),
})

/**
 * Looks for a critical maintenance task that is overdue: while there is one, the agent does nothing by itself. A file that is named and cannot be read, or that others
 * may write, counts as one.
 * @param ownUid whose file it may be besides root's
 * @returns the reason as one sentence; undefined when nothing is overdue, or no file is named
 */
export function overdueMaintenance(
  { controls: { maintenance_file: path } }: Pick<AgentSettings, 'controls'>,
  now: Date,
  ownUid: number,
): string | undefined {
  if (path === null) return undefined
  const text = readOwned(path, ownUid)
  if ('problem' in text) return `${path} ${text.problem}`
  const tasks = tasksIn(text.text)
  if (tasks === undefined) return `${path} is not a file of maintenance tasks`
  const overdue = tasks.filter(({ critical, due, done }) => critical && !done && Date.parse(due) <= now.getTime())
  const [first] = overdue.toSorted((one, other) => Date.parse(one.due) - Date.parse(other.due))
  if (first === undefined) return undefined
  const more = overdue.length === 1 ? '' : ` and ${overdue.length - 1} more`
  return `the critical maintenance task ${visibleName(first.task)} was due ${first.due}${more}`
}

function tasksIn(text: string): z.output<typeof fileSchema>['tasks'] | undefined {
  try {
    return fileSchema.parse(parseJson(text)).tasks
  } catch {
    return undefined
  }
}

function readOwned(path: string, ownUid: number): { readonly text: string } | { readonly problem: string } {
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    return { problem: `cannot be read: ${errnoOf(error)}` }
  }
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile() || stat.size > MOST_BYTES) return { problem: 'is no file, or too large' }
    if ((stat.mode & OTHERS_MAY_WRITE) !== 0 || (stat.uid !== 0 && stat.uid !== ownUid))
      return { problem: 'may be written by others' }
    return { text: readFileSync(descriptor, 'utf8') }
  } catch (error) {
    return { problem: `cannot be read: ${errnoOf(error)}` }
  } finally {
    closeSync(descriptor)
  }
}
