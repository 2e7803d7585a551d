import { describe, expect, test } from 'vitest'
import { type ProgramResult, runProgram } from '../scripts/run-program.js'
import { repositoryFiles } from './repository-files.js'

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

  test('has fewer than 30 lines', async () => {
    const [program] = await repositoryFiles('examples', '/plan-from-snapshot.mjs')
    expect(program?.text.split('\n').length).toBeLessThan(30)
  })

  async function planFromSnapshot(address: string): Promise<ProgramResult> {
    const file = 'examples/snapshots/lab.snapshot.json'
    return await runProgram(process.execPath, ['examples/plan-from-snapshot.mjs', file, address])
  }
})

test('the examples import nothing but the SDK and modules', async () => {
  const programs = await repositoryFiles('examples', '.mjs')
  expect(programs.length).toBeGreaterThan(0)
  for (const { path, text } of programs) {
    const imports = [...text.matchAll(/from '([^']+)'/g)].map(([, name]) => name)
    expect(imports, path).toEqual(['@janus/core', '@janus/modules-gpu'])
  }
})
