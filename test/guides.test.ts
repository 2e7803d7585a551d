import { describe, expect, test } from 'vitest'
import { comparable } from '../scripts/console-blocks.js'
import { missingPart } from '../scripts/fenced-blocks.js'
import type { GuideAnswer } from '../scripts/guides/guide-session.js'
import { followPages, type ShownStep, stepsOf } from '../scripts/guides/guide-steps.js'
import { repositoryFiles } from './repository-files.js'

describe('whoever follows a page on the machine of the lab', async () => {
  const all = [...(await repositoryFiles('.', 'README.md')), ...(await repositoryFiles('docs', '.md'))]
  const pages = all.filter(({ text }) => stepsOf(text).length > 0)
  const answers = followPages(pages.map(({ text }) => text))

  test('has pages to follow', () => {
    const guides = [
      'README.md',
      'docs/crash-recovery.md',
      'docs/first-hour.md',
      'docs/passthrough.md',
      'docs/sdk.md',
      'docs/interactive.md',
    ]
    expect(pages.map(({ path }) => path)).toEqual(expect.arrayContaining(guides))
  })

  test.each(pages.map(({ path, text }, index) => ({ path, text, index })))(
    'comes to the end of $path, and each step prints what the page shows',
    async ({ text, index }) => {
      const steps = stepsOf(text)
      const of = (await answers)[index] ?? []
      expect(of.length).toBe(steps.length)
      expect(steps.flatMap((shown, at) => failureOf(shown, of[at]) ?? [])).toEqual([])
    },
  )
})

describe('a step that does not do what its page says', () => {
  const shown: ShownStep = { step: { kind: 'command', command: 'janus status' }, shown: '…\nclean' }

  test.each([
    ['prints something else', { output: 'not clean\n', exitCode: 0 }],
    ['fails', { output: 'clean\n', exitCode: 1 }],
  ])('is found when it %s', (_, answer) => {
    expect(failureOf(shown, answer)).toContain('janus status')
    expect(failureOf(shown, { output: 'clean\n', exitCode: 0 })).toBeUndefined()
  })
})

/** How a step went otherwise than its page says. */
function failureOf({ step, shown }: ShownStep, answer: GuideAnswer | undefined): string | undefined {
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
