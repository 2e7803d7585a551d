import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ReportData } from '@janus/report'
import type { AxeResults } from 'axe-core'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingPackages } from '../lab/missing-packages.js'
import { runProgram } from '../scripts/run-program.js'
import { repository } from '../scripts/workspace.js'
import { capturedMachines, machinesFolder, unpackMachine } from './captured-machines.js'

// The command as people run it, over packages as they are built, and its page as Chromium shows it.

const MACHINES = ['20em64t-hybrid-1p6c2t+2ca4co1t', '40intel64-2g2n4c+pcilocality', 'ghw-intel-i7-1270p']
const CHROMIUM = { name: 'chromium', provides: 'chromium', reason: 'it opens the reports' }
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const SIGHTS = [
  { width: 1280, scheme: 'light' },
  { width: 1280, scheme: 'dark' },
  { width: 400, scheme: 'light' },
  { width: 400, scheme: 'dark' },
] as const

const found = capturedMachines().filter(({ name }) => MACHINES.includes(name))
const hosts = [
  ...found.map((machine) => ({ name: machine.name, open: (folder: string) => unpackMachine(machine, folder) })),
  { name: 'lab', open: async () => join(repository, 'examples/snapshots/lab.snapshot.json') },
]
const hasChromium = (await missingPackages([CHROMIUM], process.env)).length === 0

let folder = ''
let browser: Browser

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-reports-'))
  if (!hasChromium) return
  // Chromium's own sandbox does not start as root; what is opened here is a file of ours, and it has no script.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  browser = await chromium.launch({ executablePath: await chromiumPath(), args })
})

afterAll(async () => {
  await browser?.close()
  await rm(folder, { recursive: true, force: true })
})

if (found.length === 0) test.skip(`captured machines ($JANUS_MACHINES, ${machinesFolder}) are absent`, () => {})
else test('the captured machines are there', () => expect(found).toHaveLength(MACHINES.length))

describe.each(hosts)('janus report of $name', ({ name, open }) => {
  let host = ''
  let file = ''
  let html = ''
  let report: ReportData

  beforeAll(async () => {
    host = await open(await mkdtemp(join(folder, 'host-')))
    file = join(folder, `${name}.html`)
    const { exitCode, stdout, output } = await janus('report', '--host', host, '--out', file, '--json')
    expect(exitCode, output).toBe(0)
    report = (JSON.parse(stdout) as { data: { report: ReportData } }).data.report
    html = await readFile(file, 'utf8')
  })

  test('has every module that janus check asks, every function and every processor', async () => {
    const { stdout } = await janus('check', '--host', host, '--json')
    expect(report.check).toEqual((JSON.parse(stdout) as { data: unknown }).data)
    for (const { address } of report.inventory.devices) expect(html).toContain(`>${address}</code>`)
    for (const core of report.topology.cores) {
      expect(html).toContain(`${core.cpus.map((cpu) => `<span>${cpu}</span>`).join('')}</li>`)
    }
    const endpoints = report.inventory.devices.filter(({ role }) => role === 'endpoint')
    expect(report.outlooks.filter(({ target }) => target.kind === 'device')).toHaveLength(endpoints.length)
  })

  test('is the same bytes when it is made again, on stdout too', async () => {
    const { exitCode, stdout } = await janus('report', '--host', host, '--out', '-')
    expect(exitCode).toBe(0)
    expect(stdout).toBe(html)
  })

  test('refuses to take the place of a file', async () => {
    const { exitCode, output } = await janus('report', '--host', host, '--out', file)
    expect(exitCode).toBe(1)
    expect(output).toContain('JANUS_FILE_INVALID')
    expect(await readFile(file, 'utf8')).toBe(html)
  })

  describe.skipIf(!hasChromium)('in Chromium', () => {
    test.each(SIGHTS)(
      'at $width pixels, $scheme: fits, loads nothing, complains of nothing, is accessible',
      async (sight) => {
        const seen = await look(browser, file, sight)
        expect(seen.complaints).toEqual([])
        expect(seen.requests).toEqual([pathToFileURL(file).href])
        expect(seen.scrollWidth).toBeLessThanOrEqual(sight.width)
        expect(seen.violations).toEqual([])
        expect(seen.rules).toBeGreaterThan(20)
        expect(seen.screenshot).toBeGreaterThan(10_000)
        expect(seen.colorScheme).toBe(sight.scheme)
      },
    )

    test('on paper it has what is folded on the screen', async () => {
      const page = await browser.newPage()
      await page.goto(pathToFileURL(file).href)
      const evidence = page.locator('.evidence').first()
      expect(await evidence.isVisible()).toBe(false)
      await page.emulateMedia({ media: 'print' })
      expect(await evidence.isVisible()).toBe(true)
      expect(await page.locator('nav').isVisible()).toBe(false)
      await page.close()
    })
  })
})

/** What there is to see of a page, with everything folded opened. */
async function look(browser: Browser, file: string, { width, scheme }: (typeof SIGHTS)[number]) {
  // axe is put into the page for the test, which its own policy would not let in.
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, bypassCSP: true })
  try {
    const page = await context.newPage()
    const complaints: string[] = []
    const requests: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => requests.push(request.url()))
    await page.goto(pathToFileURL(file).href)
    const screenshot = (await page.screenshot({ fullPage: true })).length
    await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true })`)
    const scrollWidth = await page.evaluate<number>('document.scrollingElement.scrollWidth')
    const colorScheme = await page.evaluate<string>(
      `getComputedStyle(document.body).backgroundColor === 'rgb(246, 247, 249)' ? 'light' : 'dark'`,
    )
    await page.evaluate(AXE)
    const { violations, passes } = await page.evaluate<AxeResults>('axe.run()')
    const told = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    )
    return {
      complaints,
      requests: requests.filter((url) => url !== 'data:,'),
      screenshot,
      scrollWidth,
      colorScheme,
      violations: told,
      rules: passes.length,
    }
  } finally {
    await context.close()
  }
}

async function chromiumPath(): Promise<string> {
  const { output } = await runProgram('sh', ['-c', 'command -v chromium'])
  return output.trim()
}

async function janus(...args: readonly string[]) {
  return await runProgram(process.execPath, [join(repository, 'packages/cli/bin/janus.js'), ...args])
}
