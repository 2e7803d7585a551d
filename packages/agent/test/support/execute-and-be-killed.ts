// A process of its own: executes an approved proposal with the real executor, and kills itself at a point of that.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createExecutor } from '../../src/index.js'
import { EXECUTOR } from './decision-context.js'
import { executing } from './executing-agent.js'
import { testSandbox } from './run-sandbox.js'
import { SMALL } from './small-limits.js'

const { folder, proposal, point } = JSON.parse(process.argv[2] ?? '') as {
  readonly folder: string
  readonly proposal: string
  readonly point: string
}

/** Milliseconds, where a point lasts. */
const after = Number(process.argv[3] ?? 0)

const die = (): void => {
  process.kill(process.pid, 'SIGKILL')
}
const at = (name: string): void => {
  if (name === point) die()
}
/** Kills in the middle of what was begun: after so many turns as it takes to hand it to the disk. */
const within = <Answer>(name: string, work: Promise<Answer>): Promise<Answer> => {
  if (name === point) setTimeout(die, after)
  return work
}
/** Kills as soon as a run has left a line of this. */
const onceThereIs = (name: string, line: string): void => {
  if (name !== point) return
  setInterval(() => {
    try {
      if (readFileSync(join(folder, 'effects', 'log'), 'utf8').includes(line)) die()
    } catch {
      // Not yet.
    }
  }, 5)
}

const tested = await testSandbox()
await executing(folder, {
  sandbox: tested.sandbox,
  limits: SMALL,
  around: ({ agent, sandbox, ...options }) => {
    let runs = 0
    return createExecutor({
      ...options,
      agent: {
        ...agent,
        record: agent.record,
        consume: async (...asked) => {
          at('before')
          const warrant = await within('consuming', agent.consume(...asked))
          at('consumed')
          return warrant
        },
        conclude: async (...asked) => {
          at('ended')
          const status = await within('concluding', agent.conclude(...asked))
          at('concluded')
          return status
        },
        startRollback: async (...asked) => {
          await agent.startRollback(...asked)
          at('rollback-begun')
        },
        endRollback: async (...asked) => {
          await agent.endRollback(...asked)
          at('rollback-ended')
        },
      },
      sandbox: {
        ...sandbox,
        run: (run) => {
          runs += 1
          if (runs === 1) onceThereIs('running', 'effect\n')
          else onceThereIs('rollback-running', 'undone\n')
          return sandbox.run({
            ...run,
            beforeStart: () => {
              run.beforeStart?.()
              at('starting')
            },
            onStarted: (processes) => {
              if (point === 'started' && after > 0) setTimeout(die, after)
              else at('started')
              run.onStarted?.(processes)
            },
          })
        },
      },
    })
  },
}).then(({ executor }) => executor.execute(proposal, EXECUTOR))
process.stdout.write('it was not killed')
