// A process of its own: a daemon as `janus agent run` starts it, or its dry run.
import { fileURLToPath } from 'node:url'
import { createJanus, exitCodeOf, isJanusError } from '@janus/core'
import { dryRunDaemon } from '../../src/daemon/dry-run.js'
import { startDaemon } from '../../src/daemon/start-daemon.js'
import type { ToolUsers } from '../../src/sandbox/tool-users.js'

const { stateDirectory, config, dryRun, toolUsers, blockAfter, blockedAfter } = JSON.parse(process.argv[2] ?? '') as {
  readonly stateDirectory: string
  readonly config: string
  readonly dryRun?: boolean
  readonly toolUsers?: ToolUsers
  /** Milliseconds after which the event loop is blocked for three seconds. */
  readonly blockAfter?: number
  readonly blockedAfter?: number
}

const SUPERVISOR = fileURLToPath(new URL('../../src/stop/supervisor/main.ts', import.meta.url))
const asked = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => asked.abort())
const janus = createJanus({ stateDirectory: `${stateDirectory}-journal` })
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const options = { stateDirectory, config, janus, say, signal: asked.signal, env: process.env }

if (blockAfter !== undefined)
  setTimeout(() => {
    const until = performance.now() + 3000
    while (performance.now() < until);
  }, blockAfter)

try {
  if (dryRun === true) await dryRunDaemon(options)
  else {
    const daemon = await startDaemon({
      ...options,
      supervisor: [process.execPath, '--import', import.meta.resolve('tsx'), SUPERVISOR],
      ...(toolUsers === undefined ? {} : { toolUsers }),
      ...(blockedAfter === undefined ? {} : { blockedAfter }),
    })
    const { because } = await daemon.ended
    say(`ended: ${because}`)
  }
} catch (error) {
  say(isJanusError(error) ? `error ${error.code}: ${error.message} | ${error.remedy}` : String(error))
  process.exitCode = exitCodeOf(error)
}
await janus.close()
