import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { repository } from '../scripts/workspace.js'
import { temporaryFolder } from './temporary-folder.js'

// That npm publishes to such a registry and installs from it is the business of integration/installed.test.ts.
describe('npm run registry', () => {
  test('refuses an option before it prepares anything', async () => {
    const folder = await temporaryFolder('registry')
    const child = start(['--frob'], folder)
    const [said] = await Promise.all([text(child.stderr as NodeJS.ReadableStream), once(child, 'close')])
    expect(said).toMatch(/^usage: npm run registry /)
    expect(child.exitCode).toBe(1)
    expect(await basesIn(folder)).toEqual([])
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('leaves nothing behind when %s ends it while it prepares', async (signal, exitCode) => {
    const folder = await temporaryFolder('registry')
    const child = start([], folder)
    while ((await basesIn(folder)).length === 0) await delay(20)
    child.kill(signal)
    await once(child, 'close')
    expect(child.exitCode).toBe(exitCode)
    expect(await basesIn(folder)).toEqual([])
  })
})

function start(words: readonly string[], temporary: string): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', 'scripts/local-registry.ts', ...words], {
    cwd: repository,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}

async function basesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('janus-registry-'))
}
