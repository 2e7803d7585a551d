import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, normalize, relative } from 'node:path'
import { Parser } from 'htmlparser2'

/** What a page of a site can be led to, and where it leads. */
interface Page {
  readonly anchors: ReadonlySet<string>
  readonly links: readonly string[]
}

/**
 * Follows every link of a built site that stays in it: to a page, a heading, a picture, a script.
 * @param folder the root of the site
 * @returns one line for each link that leads nowhere
 */
export async function deadLinks(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
  const there = new Set(files)
  const pages = new Map<string, Page>()
  for (const file of files.filter((name) => name.endsWith('.html'))) {
    pages.set(file, readPage(await readFile(join(folder, file), 'utf8')))
  }
  const dead: string[] = []
  for (const [file, { links }] of pages) {
    for (const link of links) {
      const why = deadBecause(file, link)
      if (why !== undefined) dead.push(`${file} -> ${link}: ${why}`)
    }
  }
  return dead

  function deadBecause(from: string, link: string): string | undefined {
    const [address = '', anchor = ''] = link.split('#')
    const [path = ''] = address.split('?')
    const target = path === '' ? from : normalize(join(dirname(from), decodeURIComponent(path)))
    if (!there.has(target)) return 'there is no such file'
    const page = pages.get(target)
    if (anchor === '' || page === undefined || page.anchors.has(decodeURIComponent(anchor))) return undefined
    return 'there is no such place on that page'
  }
}

function readPage(html: string): Page {
  const anchors = new Set<string>()
  const links: string[] = []
  const parser = new Parser({
    onopentag(_, { id, name, href, src }) {
      for (const anchor of [id, name]) if (anchor !== undefined) anchors.add(anchor)
      for (const link of [href, src]) if (link !== undefined && !isElsewhere(link)) links.push(link)
    },
  })
  parser.end(html)
  return { anchors, links }
}

/** With a scheme, or of another host. */
function isElsewhere(link: string): boolean {
  return /^([a-z][a-z0-9+.-]*:|\/\/)/i.test(link)
}
