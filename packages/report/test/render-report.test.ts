import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ReportData, renderReport } from '../src/index.js'
import { LAB, reportOf } from './lab-report.js'

let lab: ReportData

beforeAll(async () => {
  lab = await reportOf(LAB)
})

describe('the page', () => {
  test('lets in its own style and nothing else', () => {
    const html = renderReport(lab)
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1]
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? ''
    const digest = createHash('sha256').update(style).digest('base64')
    expect(policy).toBe(
      `default-src 'none'; img-src data:; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`,
    )
    expect(style.length).toBeGreaterThan(1000)
  })

  test('names nothing that a browser would fetch or run, and no style of an element', () => {
    const html = renderReport(lab)
    const links = [...html.matchAll(/\s(?:href|src|srcset|action|poster|data)="([^"]*)"/g)].map(([, to = '']) => to)
    expect(links.length).toBeGreaterThan(5)
    expect(links.filter((to) => !to.startsWith('#') && to !== 'data:,')).toEqual([])
    expect(html).not.toMatch(/<script|\sstyle=|\son\w+=|@import|url\(/)
  })

  test('leads to sections and cards that are there, each id once', () => {
    const html = renderReport(lab)
    const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id = '']) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const wanted = [...html.matchAll(/(?:href="#|aria-labelledby=")([^"]*)"/g)].map(([, id = '']) => id)
    expect(wanted.filter((id) => !ids.includes(id))).toEqual([])
  })
})

describe('what a host says', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      "' onload='alert(1)",
      '</style><script>1</script>',
      '-->]]><svg/onload=1>',
      '`<b>`',
      '\u202eevil\u2066',
      '\u001b[31mred\u0000',
      '&lt;script&gt;',
    ),
  )

  test('never becomes markup: the page of a hostile host has the tags of the harmless one', () => {
    const tags = tagsOf(renderReport(renamed(lab, () => 'x')))
    fc.assert(
      fc.property(nasty, (name) => {
        expect(tagsOf(renderReport(renamed(lab, () => name.replaceAll('`', '') || 'x')))).toEqual(tags)
      }),
      { numRuns: 60 },
    )
  })

  test('holds no character that a terminal or a reader of the page would be led astray by', () => {
    fc.assert(
      fc.property(nasty, (name) => {
        expect(renderReport(renamed(lab, () => name))).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
      }),
      { numRuns: 60 },
    )
  })

  test('is no markup either when JSON brings an object where a text should be', () => {
    const forged = structuredClone(lab) as { machine: { kernel?: unknown } }
    forged.machine.kernel = { html: '<script>', value: '<script>' }
    expect(renderReport(forged as unknown as ReportData)).not.toContain('<script>')
  })
})

/** The same report with every free text of the host replaced: what is shown of devices, findings, evidence, refusals. */
function renamed(data: ReportData, name: (text: string) => string): ReportData {
  const free = new Set([
    ...['summary', 'detail', 'remedy', 'value', 'driver', 'className', 'description', 'kernel', 'processor', 'type'],
    ...[
      'commandLine',
      'vendor',
      'option',
      'insist',
      'evidence',
      'vfioDriver',
      'seenAt',
      'smtControl',
      'module',
      'code',
    ],
  ])
  const copy: unknown = JSON.parse(JSON.stringify(data), (key: string, value: unknown) =>
    typeof value === 'string' && (free.has(key) || (/^\d+$/.test(key) && !/^0000:/.test(value))) ? name(value) : value,
  )
  return copy as ReportData
}

/** Every tag with the names of its attributes, and the values of those that a browser acts on. */
function tagsOf(html: string): readonly string[] {
  return [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replaceAll(/(?<!href|id|class|src)="[^"]*"/g, '=""'))
}
