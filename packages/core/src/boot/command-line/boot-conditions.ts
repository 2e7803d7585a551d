import type { Condition } from '../../contract/change.js'
import type { CommandLineRequest } from './command-line-request.js'

const COMMAND_LINE = '/proc/cmdline'

/** What the kernel shows once it was started with what a request asks for. */
export function bootConditions({ set, remove = [] }: CommandLineRequest): readonly Condition[] {
  const present = set.map(({ name, value = '', after }): Condition => {
    return { kind: 'parameter', path: COMMAND_LINE, name, value, ...(after === undefined ? {} : { after }) }
  })
  const gone = remove
    .filter(({ value, after }) => value === undefined && after === undefined)
    .map(({ name }): Condition => ({ kind: 'parameter', path: COMMAND_LINE, name, value: null }))
  return [...present, ...gone]
}
