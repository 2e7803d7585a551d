import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createDevelopmentRuns } from '../../src/index.js'

const PROGRAM = fileURLToPath(new URL('./development-run.ts', import.meta.url))
const isRoot = process.geteuid?.() === 0

describe('runs without a sandbox', () => {
  test('attack 36: are never chosen by root, nor where the settings do not permit them', () => {
    const refused = expect.objectContaining({ code: 'JANUS_SANDBOX_UNAVAILABLE' })
    expect(() => createDevelopmentRuns({ mayBeMissing: false, root: '/nonexistent' })).toThrow(refused)
    if (isRoot) expect(() => createDevelopmentRuns({ mayBeMissing: true, root: '/nonexistent' })).toThrow(refused)
  })

  test('say of themselves that nothing holds, and end as any other', async () => {
    const said = await new Promise<string>((resolve, reject) => {
      const user = isRoot ? { uid: 4242, gid: 4242 } : {}
      const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM], {
        ...user,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let text = ''
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      child.once('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`it ended with ${code}`))))
    })
    const { holds, ends, user } = JSON.parse(said)
    expect(holds).toBe(false)
    expect(user).toMatchObject({ enforced: false, by: 'none' })
    expect(ends).toEqual([
      ['exited', 3, 'given\n'],
      ['timeout', null, 'ready\n'],
      ['not-started', null, ''],
    ])
  })
})
