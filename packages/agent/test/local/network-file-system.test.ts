import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { localAgent } from '../support/local-agent.js'

test('attack 27: NFS refused by statfs: a record is not opened there, and nothing is written', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-nfs-')))
  const fileSystem = { typeOf: async () => 0x6969, deviceOf: async () => 0, mountinfo: async () => '' }
  await expect(localAgent(join(folder, 'state'), { fileSystem })).rejects.toMatchObject({ code: 'JANUS_STATE_REMOTE' })
  expect(await readdir(join(folder, 'state'))).toEqual([])
  await rm(folder, { recursive: true, force: true })
})
