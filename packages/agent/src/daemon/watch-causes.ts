import { totalmem } from 'node:os'
import type { LocalAgent } from '../local/local-agent.js'
import { watchRulesOf } from '../settings/uses/watch-rules-of.js'
import { causeOfFile, WATCH } from '../stop/cause-of-file.js'
import { watchStopFiles } from '../stop/watch-stop-files.js'
import { watchViolations } from '../stop/watch-violations.js'

const SIGNAL = 'SIGUSR2'

/**
 * Watches for everything that stops a daemon from outside of its own loops: the file, SIGUSR2, and violations on the record.
 * @returns ends it
 */
export function watchCauses(agent: LocalAgent, say: (line: string) => void): () => void {
  const { emergency, record } = agent
  const totalBytes = totalmem()
  let isTold = false
  const tell = (because: string): void => {
    if (!isTold) say(`everything is stopped: ${because}`)
    isTold = true
  }
  const onSignal = (): void => {
    tell(SIGNAL)
    void emergency.stopEverything({ kind: 'signal', summary: `the daemon was sent ${SIGNAL}`, by: WATCH })
  }
  process.on(SIGNAL, onSignal)
  const files = watchStopFiles({
    paths: emergency.files(),
    onFound: (because, path) => {
      tell(because)
      const cause = { kind: 'file', summary: because, by: WATCH } as const
      void emergency.stopEverything(cause, () => causeOfFile(path, because))
    },
  })
  const rules = () => {
    const { settings } = agent.governed()
    if (settings === undefined) throw new Error('a configured agent has settings')
    return watchRulesOf(settings, totalBytes)
  }
  const unwatch = watchViolations(record, rules, (cause) => {
    tell(cause.summary)
    void emergency.stopEverything(cause)
  })
  return () => {
    process.off(SIGNAL, onSignal)
    files.close()
    unwatch()
  }
}
