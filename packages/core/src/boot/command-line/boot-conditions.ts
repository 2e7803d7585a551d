import type { Condition } from '../../contract/change.js'
import type { AskedParameter, CommandLineRequest } from './command-line-request.js'

type ParameterCondition = Extract<Condition, { kind: 'parameter' }>
type Asked = Pick<CommandLineRequest, 'set' | 'remove'>

const COMMAND_LINE = '/proc/cmdline'

/** What the kernel shows once it was started with what a request asks for. */
export function bootConditions(request: CommandLineRequest): readonly Condition[] {
  return [...requestConditions(COMMAND_LINE, request), ...(request.afterBoot ?? [])]
}

/**
 * What a file holds, and holds no more, that gives the kernel what a request asks for.
 * @param lines what its command lines begin with; left out where the file is one
 */
export function requestConditions(
  path: string,
  { set, remove = [] }: Asked,
  lines?: ParameterCondition['lines'],
): readonly Condition[] {
  const common = { path, ...(lines === undefined ? {} : { lines }) }
  return [
    ...set.map((asked) => ({ ...common, ...parameterCondition(asked, asked.value ?? '') })),
    ...remove.filter(isTold).map((asked) => {
      const members = asked.value === undefined ? {} : { among: [asked.value] }
      return { ...common, ...parameterCondition(asked, null), ...members }
    }),
  ]
}

function parameterCondition({ name, after, among }: AskedParameter, value: string | null) {
  return {
    kind: 'parameter' as const,
    name,
    value,
    ...(after === undefined ? {} : { after }),
    ...(among === undefined ? {} : { among }),
  }
}

/** A condition takes a value for a list: one that is a list as a whole, it cannot tell from another. */
function isTold({ value, among }: AskedParameter): boolean {
  return among !== undefined || value?.includes(',') !== true
}
