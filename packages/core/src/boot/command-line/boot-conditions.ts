import type { Condition } from '../../contract/change.js'
import type { AskedParameter, CommandLineRequest } from './command-line-request.js'

type ParameterCondition = Extract<Condition, { kind: 'parameter' }>

const COMMAND_LINE = '/proc/cmdline'

/** What the kernel shows once it was started with what a request asks for. */
export function bootConditions({ set, remove = [], afterBoot = [] }: CommandLineRequest): readonly Condition[] {
  const present = set.map((asked) => parameterCondition(COMMAND_LINE, asked))
  const gone = remove
    .filter(({ value, after }) => value === undefined && after === undefined)
    .map(({ name }): Condition => ({ kind: 'parameter', path: COMMAND_LINE, name, value: null }))
  return [...present, ...gone, ...afterBoot]
}

/**
 * What a file holds that gives the kernel a parameter.
 * @param lines what its command lines begin with; left out where the file is one
 */
export function parameterCondition(
  path: string,
  { name, value = '', after, among }: AskedParameter,
  lines?: ParameterCondition['lines'],
): ParameterCondition {
  return {
    kind: 'parameter',
    path,
    name,
    value,
    ...(after === undefined ? {} : { after }),
    ...(among === undefined ? {} : { among }),
    ...(lines === undefined ? {} : { lines }),
  }
}
