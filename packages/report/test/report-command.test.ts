import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ContributedCommandContext } from '@janus/core'
import { createMemoryLogger } from '@janus/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ReportData, renderReport } from '../src/index.js'
import { run } from '../src/report-command/command.js'
import { LAB, openCaptured } from './lab-report.js'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-report-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const context: ContributedCommandContext = {
  log: createMemoryLogger(),
  signal: new AbortController().signal,
  open: (path) => openCaptured(path ?? LAB),
  print: () => undefined,
  confirm: () => Promise.reject(new Error('it asks nothing')),
  mutate: () => Promise.reject(new Error('it changes nothing')),
}

describe('janus report', () => {
  test('writes one file for its owner, and says where and what is in it', async () => {
    const out = join(folder, 'lab.html')
    const { text, data } = await run(context, ['--host', LAB, '--out', out])
    expect(text).toMatch(/^Wrote .*lab\.html: \d+ critical, \d+ warnings?, 25 PCI functions, 17 IOMMU groups\.$/)
    expect(await readFile(out, 'utf8')).toBe(renderReport((data as { report: ReportData }).report))
    expect((await stat(out)).mode & 0o777).toBe(0o600)
    expect(data).toMatchObject({ out, report: { schema: 'janus.report/1' } })
  })

  test('leaves a file alone that is there already', async () => {
    const out = join(folder, 'taken.html')
    await writeFile(out, 'mine')
    await expect(run(context, ['--out', out])).rejects.toMatchObject({
      code: 'JANUS_FILE_INVALID',
      remedy: expect.stringContaining('--out'),
    })
    expect(await readFile(out, 'utf8')).toBe('mine')
  })

  test('answers the page itself for --out -', async () => {
    const { text, data } = await run(context, ['--out', '-'])
    expect(text).toMatch(/^<!doctype html>\n[\s\S]*<\/html>\n$/)
    expect(data).toMatchObject({ out: null })
  })

  test('prints its help', async () => {
    expect((await run(context, ['--help'])).text).toContain('janus report [--host <snapshot|tree>]')
  })

  test.each([[['--nonsense']], [['positional']], [['--out', '']]])('refuses %j', async (args) => {
    await expect(run(context, args)).rejects.toMatchObject({ code: 'JANUS_USAGE' })
  })
})
