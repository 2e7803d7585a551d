import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { deadLinks } from '../scripts/dead-links.js'
import { iommuGroupsSvg } from '../scripts/diagrams/iommu-groups.js'
import { LAB_GROUPS, labGroupsSvg } from '../scripts/diagrams/lab-groups.js'
import { repository } from '../scripts/workspace.js'
import { repositoryFiles } from './repository-files.js'

describe('the start page', () => {
  test('names every page in one of its tables, so that the site has it in its place', async () => {
    const [start, ...others] = await repositoryFiles('docs', '.md').then((pages) =>
      pages.toSorted((a, b) => Number(b.path === 'docs/index.md') - Number(a.path === 'docs/index.md')),
    )
    const named = [...(start?.text ?? '').matchAll(/^\| \[[^\]]+\]\(([^)#]+\.md)\)/gm)].map(
      ([, link]) => `docs/${link}`,
    )
    expect(others.map(({ path }) => path).filter((path) => !named.includes(path))).toEqual([])
    expect(new Set(named).size).toBe(named.length)
  })
})

describe('the pictures', () => {
  test('of the IOMMU groups is what `npm run docs:diagrams` makes of the captured machine', async () => {
    expect(await readFile(join(repository, LAB_GROUPS), 'utf8')).toBe(await labGroupsSvg())
  })

  test('need nothing from anywhere, and run nothing', async () => {
    for (const { path, text } of await repositoryFiles('docs', '.svg')) {
      expect(text, path).not.toMatch(/<(?:script|image|use|foreignObject)|\bon\w+=|(?:href|src)=|url\((?!#)|@import/i)
      expect(text, path).toMatch(/<title/)
    }
  })

  test('take no name of a device for a part of the picture', () => {
    const device = {
      path: '',
      vendor: '1234',
      device: '5678',
      class: '030000',
      role: 'endpoint',
      isDisplay: true,
      uses: [],
    } as const
    const named = { ...device, address: '0000:01:00.0' as never, className: '<script>"&', driver: 'a\u001b[2J' }
    const picture = iommuGroupsSvg({ devices: [named], groups: [{ id: '1', members: [named.address] }] }, 'A & B')
    expect(picture).toContain('&lt;script&gt;&quot;&amp;')
    expect(picture).toContain('A &amp; B')
    expect(picture).not.toContain('\u001b')
  })
})

describe('a link of the built site that leads nowhere', () => {
  let folder = ''
  afterEach(() => rm(folder, { recursive: true, force: true }))

  test.each([
    ['a page that is not there', '<a href="gone.html">', 'no such file'],
    ['a place that is not there', '<a href="other.html#gone">', 'no such place'],
    ['a place of its own that is not there', '<a href="#gone">', 'no such place'],
    ['a picture that is not there', '<img src="gone.svg">', 'no such file'],
  ])('is found: %s', async (_, html, why) => {
    folder = await mkdtemp(join(tmpdir(), 'janus-site-'))
    await writeFile(join(folder, 'other.html'), '<h2 id="there">Over there</h2>')
    const good = '<a href="other.html#there"><a href="other.html"><a href="https://example.org/x">'
    await writeFile(join(folder, 'index.html'), `${good}${html}`)
    expect(await deadLinks(folder)).toEqual([expect.stringContaining(why)])
  })
})
