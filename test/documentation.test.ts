import { access } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { AGENT_ERROR_CODES } from '../packages/agent/src/errors/agent-error.js'
import { ERROR_CODES } from '../packages/core/src/errors/codes.js'
import { comparable, consoleBlocks, currentOutput } from '../scripts/console-blocks.js'
import { errorDocs } from '../scripts/error-docs.js'
import { repository } from '../scripts/workspace.js'
import { repositoryFiles } from './repository-files.js'

/** The reference of the API: `npm run docs` writes it, git does not keep it. */
const GENERATED = 'docs/api/'

describe('the page of errors', () => {
  test('has exactly one heading for each code of the catalogues', async () => {
    const [page] = await repositoryFiles('docs', '/errors.md')
    const headings = [...(page?.text ?? '').matchAll(/^## (JANUS_\w+)$/gm)].map(([, code]) => code)
    expect(headings.toSorted()).toEqual(Object.keys({ ...ERROR_CODES, ...AGENT_ERROR_CODES }).toSorted())
  })

  test('is what `npm run docs:errors` writes', async () => {
    const [page] = await repositoryFiles('docs', '/errors.md')
    expect(page?.text).toBe(errorDocs())
  })
})

describe('the texts', () => {
  test('link only to files and headings that exist', async () => {
    const pages = await repositoryFiles('.', '.md')
    const broken: string[] = []
    for (const { path, text } of pages) {
      for (const link of relativeLinks(text)) if (!(await leadsSomewhere(path, link))) broken.push(`${path} -> ${link}`)
    }
    expect(broken).toEqual([])
  })

  async function leadsSomewhere(page: string, link: string): Promise<boolean> {
    const [file = '', anchor] = link.split('#')
    const target = file === '' ? page : join(dirname(page), decodeURIComponent(file))
    if (target.startsWith(GENERATED)) return true
    if (!(await exists(join(repository, target)))) return false
    if (anchor === undefined || !target.endsWith('.md')) return true
    const [found] = await repositoryFiles(dirname(target), `/${target.split('/').at(-1)}`)
    return anchors(found?.text ?? '').includes(anchor)
  }
})

describe('the commands shown', () => {
  test('print what the pages say they print', async () => {
    const pages = [...(await repositoryFiles('.', 'README.md')), ...(await repositoryFiles('docs', '.md'))]
    const blocks = pages.flatMap(({ text }) => consoleBlocks(text))
    expect(blocks.length).toBeGreaterThan(0)
    for (const block of blocks) expect(comparable(await currentOutput(block))).toBe(comparable(block.output))
  })
})

function relativeLinks(markdown: string): readonly string[] {
  const prose = markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '')
  const links = [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].map(([, link]) => link ?? '')
  return links.filter((link) => !/^[a-z][a-z0-9+.-]*:/i.test(link))
}

function anchors(markdown: string): readonly string[] {
  const headings = [...markdown.matchAll(/^#{1,6}\s+(.+)$/gm)].map(([, heading]) => heading ?? '')
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  )
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
