import { comparable } from '../console-blocks.js'
import { missingPart } from '../fenced-blocks.js'
import type { GuideAnswer } from './guide-session.js'
import type { ShownStep } from './guide-steps.js'

/** How a step went otherwise than its page says. */
export function stepFailure({ step, shown }: ShownStep, answer: GuideAnswer | undefined): string | undefined {
  const { output, exitCode } = answer ?? { output: 'nothing: it was not run', exitCode: -1 }
  const title = step.kind === 'command' ? step.command : step.kind
  const missing = missingPart(comparableRun(output), comparableRun(shown))
  if (missing !== undefined) return `${title}: does not print\n${missing}\nIt prints\n${output}`
  return mayEndWith(title, shown).includes(exitCode) ? undefined : `${title}: ended with ${exitCode}\n${output}`
}

/** A refusal that is shown is one, a check may find something, and what is killed or unfinished says so. */
function mayEndWith(command: string, shown: string): readonly number[] {
  if (/\[JANUS_\w+\]/.test(shown)) return [1]
  if (command.endsWith('# kill -9')) return [137]
  if (/^not clean:/m.test(shown)) return [1]
  return /^(?:sudo )?janus check\b/.test(command) ? [0, 1] : [0]
}

function comparableRun(output: string): string {
  return comparable(output).replace(/\b\d{8}-\d{6}-[0-9a-f]{6}\b/g, 'TRANSACTION')
}
