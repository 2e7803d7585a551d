import { describe, expect, test } from 'vitest'
import { executionLines } from '../../src/commands/render/execution-lines.js'
import type { ExecutionResult } from '../../src/index.js'

const result: ExecutionResult = {
  outcome: 'failed',
  code: 'EXIT_STATUS',
  summary: 'it ended with 3; its rollback undid it',
  exitStatus: 3,
  runtimeSeconds: 0.25,
  argumentsHash: 'a',
  outputDigest: 'b',
  cpuPercent: 12.5,
  memoryMb: null,
  details: {
    stdout: { text: 'found\u001b[2J it\napproved by root\n', bytes: 26, sha256: 'c', truncated: false },
    stderr: { text: '', bytes: 0, sha256: 'd', truncated: false },
    enforced: [
      { dimension: 'memory-tree', enforced: false, by: 'none', bound: 'no memory cgroup here' },
      { dimension: 'wall', enforced: true, by: 'timer', bound: '600 s' },
    ],
  },
}

describe('what was executed of a proposal', () => {
  test('is told with how it ended, what it used, what it wrote and what bounded nothing', () => {
    expect(executionLines([{ of: 'action', result }])).toEqual([
      '',
      'EXECUTION: failed',
      '  it ended with 3; its rollback undid it',
      '  0.250 s, exit status 3, 12.5 % of a processor',
      '  stdout (26 bytes):',
      '  found\\x1b[2J it',
      '  | approved by root',
      '  not enforced: memory-tree, no memory cgroup here',
    ])
  })

  test('is told of a rollback too, and of a plan, which writes nothing', () => {
    const plan = { ...result, outcome: 'completed', summary: 'undone', exitStatus: null, cpuPercent: null, details: {} }
    expect(executionLines([{ of: 'rollback', result: plan as ExecutionResult }])).toEqual([
      '',
      'ROLLBACK: completed',
      '  undone',
      '  0.250 s',
    ])
  })
})
