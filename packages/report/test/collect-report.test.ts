import { createJanus } from '@janus/core'
import { createMemoryHost } from '@janus/core/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { collectReport, type ReportData, renderReport } from '../src/index.js'
import { LAB, openCaptured, reportOf } from './lab-report.js'
import { textOf } from './page-text.js'

let data: ReportData

beforeAll(async () => {
  data = await reportOf(LAB)
})

describe('the report of the lab host', () => {
  test('says which machine it is about, and when that was captured', () => {
    expect(data.machine).toMatchObject({
      description: 'snapshot lab.snapshot.json',
      kind: 'snapshot',
      kernel: '6.1.0-56-amd64',
      seenAt: '2026-11-21T06:14:50.242Z',
      masked: true,
    })
  })

  test('holds what the facade answers: findings, inventory', async () => {
    const janus = await openCaptured(LAB)
    expect(data.check).toEqual(await janus.check())
    expect(data.inventory).toEqual(await janus.inventory())
    await janus.close()
  })

  test('is plain JSON, and the same bytes when it is made again', async () => {
    expect(JSON.parse(JSON.stringify(data))).toEqual(data)
    const again = await reportOf(LAB)
    expect(JSON.stringify(again)).toBe(JSON.stringify(data))
    expect(renderReport(again)).toBe(renderReport(data))
  })

  test('shows every device, group, finding, refusal and loss in the page', () => {
    const html = renderReport(data)
    for (const { address } of data.inventory.devices) expect(html).toContain(address)
    for (const { id } of data.inventory.groups) expect(html).toContain(`Group ${id}`)
    for (const { findings } of data.check.modules) {
      for (const { summary } of findings) expect(textOf(html)).toContain(textOf(summary.replaceAll('`', '')))
    }
    const shown = data.outlooks.filter(({ target }) => target.kind === 'group')
    expect(shown.flatMap(({ refusals }) => refusals).length).toBeGreaterThan(3)
    expect(shown.flatMap(({ losses }) => losses).length).toBeGreaterThan(0)
    for (const { refusals, losses } of shown) {
      for (const { summary } of [...refusals, ...losses]) expect(textOf(html)).toContain(textOf(summary))
    }
  })
})

test('a module that could not be asked is named with the code and the way out', () => {
  const diagnostic = {
    code: 'JANUS_MODULE_IMPORT_FAILED',
    severity: 'error',
    summary: '<b>my-module</b> could not be imported',
    detail: 'line 3',
    remedy: 'Build it.',
  } as const
  const html = renderReport({ ...data, check: { ...data.check, diagnostics: [diagnostic] } })
  const remark = '<b>my-module</b> could not be imported JANUS_MODULE_IMPORT_FAILED\nline 3\nRemedy Build it.'
  expect(textOf(html)).toContain(`Remarks on modules 1\n${remark}`)
})

test('a host that shows nothing makes a page all the same', async () => {
  const janus = createJanus({ host: createMemoryHost({}), sources: [] })
  const html = renderReport(await collectReport(janus))
  await janus.close()
  expect(html).toContain('No module was asked.')
  expect(html).toContain('There is no device that could be bound.')
})

test('a live machine bears the time that it was looked at', async () => {
  const host = { ...createMemoryHost({}), kind: 'live' as const }
  const janus = createJanus({ host, sources: [] })
  const { machine } = await collectReport(janus, { now: new Date(0) })
  await janus.close()
  expect(machine.seenAt).toBe('1970-01-01T00:00:00.000Z')
})
