import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bindsOf } from '../../src/sandbox/run-binds.js'
import { shellRun } from '../support/bare-run-sandbox.js'

let folder: string

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'janus-hidden-')))
  mkdirSync(join(folder, 'state/record/keys'), { recursive: true })
  mkdirSync(join(folder, 'state/run/prompts'), { recursive: true })
  symlinkSync(join(folder, 'state'), join(folder, 'link'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const run = shellRun('run-1', 'true')
const common = () => ({ hiddenPaths: [join(folder, 'link/record'), join(folder, 'link/run/agent.sock')] })

test.each(['state', 'state/record', 'state/record/keys', 'state/run', 'link', ''])(
  'a run is not shown the record or the socket, what lies in them or what they lie in, by whatever path: %s',
  async (path) => {
    const source = join(folder, path)
    const refused = { code: 'JANUS_SANDBOX_BIND_REFUSED' }
    await expect(bindsOf({ ...common(), writablePaths: [source] }, run)).rejects.toMatchObject(refused)
    await expect(bindsOf({ ...common(), readOnlyPaths: [source] }, run)).rejects.toMatchObject(refused)
    await expect(bindsOf(common(), { ...run, readOnly: [{ source }] })).rejects.toMatchObject(refused)
    await expect(bindsOf(common(), { ...run, writable: [{ source }] })).rejects.toMatchObject(refused)
  },
)

test('what lies beside it is shown', async () => {
  const source = join(folder, 'state/run/prompts')
  expect(await bindsOf(common(), { ...run, readOnly: [{ source }] })).toMatchObject({ readOnly: [{ source }] })
})
