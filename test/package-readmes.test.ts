import { copyFile, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runProgram } from '../scripts/run-program.js'
import { publicPackages, repository } from '../scripts/workspace.js'
import { temporaryFolder } from './temporary-folder.js'

/** What the sample of each package prints, in part: it must do what the page says that it does. */
const PRINTS: Readonly<Record<string, readonly string[]>> = {
  '@janus/core': ['load-kernel-module - ', 'write-attribute - bind 0000:02:00.0 to vfio-pci'],
  '@janus/modules-gpu': ['ok - an IOMMU is in effect'],
  '@janus/modules-cpu': ['write-attribute - reserve 64 pages'],
  '@janus/create-module': ['janus-module-fan-curve', 'modules/host/fan-curve.sh'],
  '@janus/report': ['<!doctype html>', 'true'],
  '@janus/agent': ['high', 'its author declares it low'],
}

const pages = await Promise.all(
  (await publicPackages()).map(async ({ name, folder }) => ({
    name,
    page: await readFile(join(folder, 'README.md'), 'utf8').catch(() => ''),
  })),
)

describe.each(pages)('the README of $name', ({ name, page }) => {
  test('begins with its name, says how it is installed, and ends with its licence', () => {
    expect(page.split('\n')[0]).toBe(`# ${name}`)
    const install = `npm install (?:--global )?(?:\\S+ )*${name}(?: |$)`
    expect(page).toMatch(new RegExp(`^(?:${install}|npm create @janus/module)`, 'm'))
    expect(page.split(/^## /m).at(-1)).toMatch(/^Licence\n\n\[GPL-3.0-or-later\]\(LICENSE.md\)/)
  })

  test('has a sample, which runs and does what it says', async () => {
    const samples = [...page.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, sample]) => sample ?? '')
    // The output of commands is compared by the test of all pages.
    if (/^```console\n\$ janus /m.test(page)) return
    expect(samples.length).toBeGreaterThan(0)
    const outputs = await Promise.all(samples.map(async (sample) => await runSample(sample)))
    for (const line of PRINTS[name] ?? ['a line of PRINTS for this package']) expect(outputs.join('')).toContain(line)
  })
})

async function runSample(sample: string): Promise<string> {
  const folder = await temporaryFolder('readme')
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'))
  await copyFile(join(repository, 'examples/snapshots/lab.snapshot.json'), join(folder, 'host.snapshot.json'))
  await writeFile(join(folder, 'sample.mjs'), sample)
  const { exitCode, output } = await runProgram(process.execPath, ['sample.mjs'], { cwd: folder })
  expect(exitCode, output).toBe(0)
  return output
}
