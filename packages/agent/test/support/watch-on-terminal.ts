// A process of its own: `janus agent watch` on the agent that is served at a state directory, as the program runs it. SIGUSR1 makes it crash, SIGUSR2 resizes its terminal.

import { spawnSync } from 'node:child_process'
import { isJanusError } from '@janus/core'
import { createMemoryLogger } from '@janus/core/testing'
import { runAgentCommand } from '../../src/commands/run-agent-command.js'
import { openAgentToRead } from '../../src/local/read-local-agent.js'
import { localCaller, openAgent } from '../../src/open-agent.js'
import { localOptions } from './local-agent.js'

const { directory, args } = JSON.parse(process.env.JANUS_TEST_SCREEN ?? '') as {
  readonly directory: string
  readonly args: readonly string[]
}
const ending = new AbortController()
process.once('SIGTERM', () => ending.abort())
process.once('SIGUSR1', () => {
  throw new Error('the screen crashed')
})
process.once('SIGUSR2', () => spawnSync('stty', ['rows', '12', 'cols', '60'], { stdio: 'inherit' }))

try {
  const options = localOptions(directory)
  const { data, text } = await runAgentCommand(
    {
      program: 'janus agent',
      context: {
        log: createMemoryLogger(),
        signal: ending.signal,
        open: () => Promise.reject(new Error('no facade is needed')),
        print: (line) => process.stdout.write(`${line}\n`),
        confirm: () => Promise.reject(new Error('nothing is asked')),
        mutate: (work) => work(),
      },
      stateDirectory: async () => directory,
      openLocal: () => Promise.reject(new Error('the record is not opened here')),
      open: ({ stateDirectory }) =>
        openAgent({
          stateDirectory,
          openLocal: () => Promise.reject(new Error('the record is not opened here')),
          openToRead: async () => openAgentToRead(options, await localCaller()),
        }),
    },
    ['watch', ...args],
  )
  process.stdout.write(`${text}\nENDED ${JSON.stringify(data).slice(0, 40)} raw:${process.stdin.isRaw === true}\n`)
} catch (error) {
  process.stdout.write(isJanusError(error) ? `${error.code}: ${error.message}\n${error.remedy}\n` : String(error))
  process.exitCode = 1
}
