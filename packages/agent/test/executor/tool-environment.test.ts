import { expect, test } from 'vitest'
import { toolEnvironment } from '../../src/executor/tool-environment.js'

const own = {
  LC_ALL: 'C',
  PATH: '/tmp/evil',
  LD_PRELOAD: '/tmp/evil.so',
  NODE_OPTIONS: '-r evil',
  BASH_ENV: '/tmp/evil',
}
const environment = [...Object.keys(own), 'GIT_SSH_COMMAND', 'MISSING']

test('attack 26: a run inherits no variable that has programs load or run something else, though the settings keep it', () => {
  expect(toolEnvironment({ environment }, undefined, { ...own, GIT_SSH_COMMAND: 'evil' })).toEqual({ LC_ALL: 'C' })
})

test('a tool has those that are configured for it: they are part of what was approved', () => {
  expect(toolEnvironment({ environment }, { environment: { NODE_OPTIONS: '--max-old-space-size=64' } }, own)).toEqual({
    LC_ALL: 'C',
    NODE_OPTIONS: '--max-old-space-size=64',
  })
})
