import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { type ProgramResult, runProgram } from '../scripts/run-program.js'
import { repository } from '../scripts/workspace.js'
import { repositoryFiles } from './repository-files.js'

const PROGRAM = 'examples/plan-from-snapshot.mjs'
const SNAPSHOT = 'examples/snapshots/lab.snapshot.json'

describe('plan-from-snapshot', () => {
  test('prints the digest and the writes of a binding', async () => {
    const { exitCode, output } = await planFromSnapshot('0000:02:00.0')
    expect(exitCode, output).toBe(0)
    expect(output).toMatch(/^plan [0-9a-f]{64}$/m)
    expect(output).toContain('write-attribute "/sys/bus/pci/devices/0000:02:00.0/driver_override" "vfio-pci"')
  })

  test('names the device that the snapshot does not hold', async () => {
    const { exitCode, output } = await planFromSnapshot('0000:ff:1f.0')
    expect(exitCode).toBe(1)
    expect(output).toContain('JANUS_DEVICE_NOT_FOUND')
  })

  test('names the file that is not there', async () => {
    const { exitCode, output } = await runProgram(process.execPath, [PROGRAM, './absent.json', '0000:02:00.0'])
    expect(exitCode).toBe(1)
    expect(output).toMatch(/^JANUS_FILE_INVALID: \.\/absent\.json cannot be read: ENOENT\n {2}\S/)
    expect(output).not.toContain('    at ')
  })

  test('ends in peace when nobody reads it any more', async () => {
    const child = spawn(process.execPath, [PROGRAM, SNAPSHOT, '0000:02:00.0'], { cwd: repository })
    child.stdout.destroy()
    const [said] = await Promise.all([text(child.stderr), once(child, 'close')])
    expect(said).toBe('')
    expect(child.exitCode).toBe(0)
  })

  test.each(['plan-from-snapshot', 'bind-and-roll-back'])('%s says what it is to be given', async (name) => {
    const { exitCode, output } = await runProgram(process.execPath, [`examples/${name}.mjs`])
    expect(exitCode).toBe(1)
    expect(output).toBe(
      `usage: node examples/${name}.mjs ${name === 'plan-from-snapshot' ? '<snapshot.json> ' : ''}<address>…\n`,
    )
  })

  test('has fewer than 30 lines', async () => {
    const [program] = await repositoryFiles('examples', '/plan-from-snapshot.mjs')
    expect(program?.text.split('\n').length).toBeLessThan(30)
  })

  async function planFromSnapshot(address: string): Promise<ProgramResult> {
    return await runProgram(process.execPath, [PROGRAM, SNAPSHOT, address])
  }
})

describe('agent-decides', () => {
  test('takes a tool and a plan from proposal to warrant, is refused what it must be, and verifies its record', async () => {
    const { exitCode, output } = await runProgram(process.execPath, ['examples/agent-decides.mjs'])
    expect(exitCode, output).toBe(0)
    const codes = [...output.matchAll(/^refused: .* \[(\w+)\]$/gm)].map(([, code]) => code)
    expect(codes).toEqual(['JANUS_AGENT_ALREADY_CONSUMED', 'JANUS_AGENT_DIGEST_MISMATCH', 'JANUS_AGENT_STALE'])
    expect(output).toMatch(/^ {2}Argument 2: disk$/m)
    expect(output).toMatch(/^an executor would now apply the plan [0-9a-f]{64}$/m)
    expect(output).toMatch(/^checkpoints: 1 found, 1 fit/m)
    expect(output.trimEnd().endsWith('a letter that was changed is found')).toBe(true)
  })
})

const PUBLIC = new Set(['@janus/agent', '@janus/core', '@janus/core/ledger', '@janus/modules-gpu'])

test('the examples import nothing but the SDK and modules', async () => {
  const programs = await repositoryFiles('examples', '.mjs')
  expect(programs.length).toBeGreaterThan(0)
  for (const { path, text } of programs) {
    const imports = [...text.matchAll(/from '([^']+)'/g)].map(([, name]) => name)
    const others = imports.filter((name) => !PUBLIC.has(name ?? '') && !name?.startsWith('node:'))
    expect(others, path).toEqual([])
    expect(imports, path).toContain('@janus/core')
  }
})
