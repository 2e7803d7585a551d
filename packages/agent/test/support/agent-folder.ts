import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import type { Caller } from '../../src/index.js'
import type { LocalAgent } from '../../src/local/local-agent.js'
import { ANA } from './decision-context.js'
import { localAgent, type localOptions } from './local-agent.js'

/** Somebody who may decide. */
export const ana: Caller = { actor: ANA, owner: false }

/** Where the agents of one test are: whatever it opens is closed, and the folder removed. */
export interface AgentFolder {
  readonly folder: string
  /** State directory of the agent. */
  readonly directory: string
  open(path?: string, more?: Parameters<typeof localOptions>[1]): Promise<LocalAgent>
  /** Closes one that was opened in another way. */
  closeLater(agent: LocalAgent): void
  /** Name of the only file of records, in the state directory. */
  ledgerFile(): Promise<string>
}

/** A new folder for each test of the file that calls it. */
export function agentFolder(): AgentFolder {
  let folder = ''
  let opened: LocalAgent[] = []
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-agent-')))
  })
  afterEach(async () => {
    for (const agent of opened) await agent.close()
    opened = []
    await rm(folder, { recursive: true, force: true })
  })
  const directory = (): string => join(folder, 'state')
  return {
    get folder() {
      return folder
    },
    get directory() {
      return directory()
    },
    open: async (path = directory(), more = {}) => {
      const agent = await localAgent(path, more)
      opened.push(agent)
      return agent
    },
    closeLater: (agent) => {
      opened.push(agent)
    },
    ledgerFile: async () => {
      const names = (await readdir(join(directory(), 'record'))).filter((name) => name.endsWith('.jsonl'))
      expect(names).toHaveLength(1)
      return join('record', names[0] ?? '')
    },
  }
}
