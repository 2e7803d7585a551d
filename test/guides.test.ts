import { describe, expect, test } from 'vitest'
import { followPages, type ShownStep, stepsOf } from '../scripts/guides/guide-steps.js'
import { stepFailure } from '../scripts/guides/step-failure.js'
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
      expect(steps.flatMap((shown, at) => stepFailure(shown, of[at]) ?? [])).toEqual([])
    },
  )
})

describe('a step that does not do what its page says', () => {
  const shown: ShownStep = { step: { kind: 'command', command: 'janus status' }, shown: '…\nclean' }

  test.each([
    ['prints something else', { output: 'not clean\n', exitCode: 0 }],
    ['fails', { output: 'clean\n', exitCode: 1 }],
  ])('is found when it %s', (_, answer) => {
    expect(stepFailure(shown, answer)).toContain('janus status')
    expect(stepFailure(shown, { output: 'clean\n', exitCode: 0 })).toBeUndefined()
  })
})
