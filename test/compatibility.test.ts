import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compatibilityDocs } from '../scripts/compatibility-docs.js'
import { publicPackages, repository } from '../scripts/workspace.js'

describe('the page of compatibility', async () => {
  const page = await readFile(join(repository, 'docs/compatibility.md'), 'utf8')

  test('is what `npm run docs:compatibility` writes', async () => {
    expect(page).toBe(await compatibilityDocs())
  })

  test('lists every module of ours, and all of them conform', async () => {
    const ids = (await publicPackages()).flatMap(({ json }) => json.janus?.modules?.map(({ id }) => id) ?? [])
    const scores = [...page.matchAll(/^\| `([\w-]+)` \|.*\| (\d+)\/(\d+) \|$/gm)]
    expect(scores.map(([, id]) => id).toSorted()).toEqual(ids.toSorted())
    for (const [, id, passed, total] of scores) expect(`${id} ${passed}`).toBe(`${id} ${total}`)
  })

  test('the packages ask for one range of Node.js, as the page says', async () => {
    const ranges = (await publicPackages()).map(({ json }) => json.engines?.node)
    expect(new Set(ranges).size).toBe(1)
    expect(page).toContain(`\`${ranges[0]}\``)
  })
})
