import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FencedBlock, fencedBlocks, shownCommands } from '../fenced-blocks.js'
import { runProgram, tool } from '../run-program.js'
import type { GuideWalk } from './follow-guides.js'
import type { GuideAnswer, GuideStep } from './guide-session.js'

/** A step of a page, and what the page says that it prints. */
export interface ShownStep {
  readonly step: GuideStep
  /** Parts of the output, separated by lines of `…`; empty when nothing is shown. */
  readonly shown: string
}

/** Word behind the language of a block that is followed on the machine in memory. */
export const MACHINE = 'machine'
/** Word of a page whose machine begins without an IOMMU. */
export const BARE = 'bare'

/** What a page has its reader do on a machine, in order: commands, programs, and files that those read. */
export function stepsOf(markdown: string): readonly ShownStep[] {
  const blocks = fencedBlocks(markdown)
  if (!blocks.some(isFollowed)) return []
  return blocks.flatMap((block): readonly ShownStep[] => {
    const [path] = block.words
    if (isFollowed(block)) return followed(block)
    if (path === undefined || !/^[^=]+\.\w+$/.test(path)) return []
    return [{ step: { kind: 'file', path, text: block.text }, shown: '' }]
  })
}

/** Follows pages, each on a machine of its own, and tells what each of their steps printed. */
export async function followPages(pages: readonly string[]): Promise<readonly (readonly GuideAnswer[])[]> {
  return await followSteps(
    pages.map((page) => ({ iommu: beginsWithIommu(page), steps: stepsOf(page).map(({ step }) => step) })),
  )
}

/** Whether the machine of a page has its IOMMU in effect when the page begins. */
export function beginsWithIommu(markdown: string): boolean {
  return !fencedBlocks(markdown).some(({ words }) => words.includes(BARE))
}

/** Follows walks, each on a machine of its own. */
export async function followSteps(walks: readonly GuideWalk[]): Promise<readonly (readonly GuideAnswer[])[]> {
  const folder = await mkdtemp(join(tmpdir(), 'janus-walks-'))
  try {
    const file = join(folder, 'walks.json')
    await writeFile(file, JSON.stringify(walks))
    const { exitCode, stdout, output } = await runProgram(tool('tsx'), ['scripts/guides/follow-guides.ts', file])
    if (exitCode !== 0) throw new Error(`the guides could not be followed:\n${output}`)
    return JSON.parse(stdout) as readonly (readonly GuideAnswer[])[]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function isFollowed({ words }: FencedBlock): boolean {
  return words.includes(MACHINE)
}

function followed({ language, text }: FencedBlock): readonly ShownStep[] {
  if (language === 'js' || language === 'ts') return [{ step: { kind: 'program', text }, shown: '' }]
  const commands =
    language === 'console'
      ? shownCommands(text)
      : text.split('\n').flatMap((command) => (command.trim() === '' ? [] : [{ command, shown: '' }]))
  return commands.map(({ command, shown }) => ({ step: { kind: 'command', command }, shown }))
}
