import { readdirSync, readlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { testSandbox } from '../support/run-sandbox.js'

test('a sandbox leaves no mounts of its runs open', async () => {
  const opened = await testSandbox({ mostRuns: 1 })
  await Promise.all([opened.shell('true'), opened.shell('kill -9 $$')])
  await opened.close()
  await expect.poll(heldMounts).toEqual([])
})

/** Mount namespaces that this process has open. */
function heldMounts(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${descriptor}`)
      return target.startsWith('mnt:') ? [target] : []
    } catch {
      return []
    }
  })
}
