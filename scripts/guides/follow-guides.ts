import { setMaxListeners } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createGuideSession, type GuideAnswer, type GuideStep } from './guide-session.js'

/** What somebody who follows a page does on one machine, in order. */
export interface GuideWalk {
  /** Whether the machine begins with its IOMMU in effect. */
  readonly iommu: boolean
  readonly steps: readonly GuideStep[]
}

/**
 * Follows walks, each on a machine of its own: `tsx scripts/guides/follow-guides.ts <file of walks>`. Prints the answers of each as JSON.
 * It is a process of its own because whoever follows a guide has a directory, an environment and a terminal.
 */
async function main(walks: readonly GuideWalk[]): Promise<void> {
  // Each command of a session listens to the same streams and signals.
  setMaxListeners(0, process, process.stdout, process.stderr)
  const answers: (readonly GuideAnswer[])[] = []
  for (const { iommu, steps } of walks) {
    const session = await createGuideSession({ iommu })
    try {
      const of: GuideAnswer[] = []
      for (const step of steps) of.push(await session.go(step))
      answers.push(of)
    } finally {
      await session.close()
    }
  }
  process.stdout.write(`${JSON.stringify(answers)}\n`)
}

await main(JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as readonly GuideWalk[])
// A command that was killed half way waits for an answer that never comes.
process.exit()
