// A process of its own: executes an approved proposal as an executor would, and is killed at some point of that.
import { appendFileSync } from 'node:fs'
import { EXECUTOR } from './decision-context.js'
import { localAgent } from './local-agent.js'

const { directory, proposal, effects, point, delay } = JSON.parse(process.argv[2] ?? '') as {
  readonly directory: string
  readonly proposal: string
  /** Gets a line for every effect. */
  readonly effects: string
  readonly point: 'before' | 'during' | 'consumed' | 'effect'
  /** Milliseconds after the execution was begun. */
  readonly delay: number
}

const die = (): void => {
  process.kill(process.pid, 'SIGKILL')
}

const agent = await localAgent(directory)
if (point === 'before') die()
if (point === 'during') setTimeout(die, delay)
await agent.consume(proposal, EXECUTOR)
if (point === 'consumed') die()
appendFileSync(effects, 'effect\n')
die()
