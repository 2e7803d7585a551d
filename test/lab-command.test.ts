import { describe, expect, test } from 'vitest'
import { runProgram } from '../scripts/run-program.js'

const LAB = ['--import', 'tsx', 'lab/run.ts', 'inventory']

describe('npm run lab', () => {
  test('says in a line what a machine without apt lacks', async () => {
    const { JANUS_LAB_KERNEL: _, ...env } = process.env
    const { exitCode, output } = await runProgram(process.execPath, LAB, {
      env: { ...env, PATH: '/nonexistent' },
    })
    const said = 'apt knows no linux-image-amd64: the lab needs Debian; run "apt-get update" if it is one'
    expect(output).toContain(
      `  FAIL the scenario runs to its end\n       | ${said}\n  0 passed, 1 failed; nothing was booted; `,
    )
    expect(exitCode).toBe(1)
  })

  test('says which scenarios there are, before it runs one of several', async () => {
    const { exitCode, output } = await runProgram(process.execPath, [...LAB, 'absent'])
    expect(output).toMatch(/^there is no scenario "absent"; there are: [\w, -]*\binventory\b[\w, -]*\n$/)
    expect(exitCode).toBe(1)
  })

  test('says in a line what it takes for the kernel', async () => {
    const { output } = await runProgram(process.execPath, LAB, {
      env: { ...process.env, JANUS_LAB_KERNEL: 'newest' },
    })
    expect(output).toContain('       | JANUS_LAB_KERNEL is "stock" or a series such as 6.12, not "newest"\n  0 passed')
  })
})
