import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Converter, ReflectionKind } from 'typedoc'

const repository = fileURLToPath(new URL('..', import.meta.url))
/** What typedoc calls modules are packages here, and the word is taken. */
const API = 'API'
const START_PAGE = join(repository, 'docs/index.md')

/**
 * A plug-in of typedoc for the pages: their titles, groups and order are those of the tables in docs/index.md, and packages are
 * called as they are imported. So pages need no front matter, and what GitHub shows is what the site shows.
 * @param {import('typedoc').Application} app
 */
export function load(app) {
  const places = placesIn(readFileSync(START_PAGE, 'utf8'))

  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const file = relative(repository, document.project.files.getReflectionPath(document) ?? '')
    const place = places.get(file)
    if (place === undefined) {
      app.logger.error(`${file} is not in a table of docs/index.md`)
      return
    }
    document.name = place.title
    document.frontmatter.group = place.group
  })

  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const module of context.project.getReflectionsByKind(ReflectionKind.Module))
      module.name = entryName(module.name)
  })

  app.converter.on(
    Converter.EVENT_RESOLVE_END,
    (context) => {
      const order = [...places.values()].map(({ title }) => title)
      const at = ({ name }) => order.indexOf(name)
      for (const group of context.project.groups ?? []) {
        if (group.children.every((child) => child.isDocument())) group.children.sort((a, b) => at(a) - at(b))
        else group.title = API
      }
    },
    // Behind the plug-ins of typedoc, which make the groups.
    -10_000,
  )
}

/** What the start page says of each page: where it belongs, and what it is called there. */
function placesIn(markdown) {
  const places = new Map()
  let group = ''
  for (const line of markdown.split('\n')) {
    group = /^## (.+)$/.exec(line)?.[1] ?? group
    const [, title, link] = /^\| \[([^\]]+)\]\(([^)#]+\.md)\)/.exec(line) ?? []
    if (link !== undefined) places.set(relative(repository, resolve(dirname(START_PAGE), link)), { title, group })
  }
  return places
}

/** `core/src/boot/index` is imported as `@janus/core/boot`. */
function entryName(name) {
  const [, folder = '', path = ''] = /^(?:packages\/)?([^/]+)\/src\/?(.*)$/.exec(name) ?? []
  if (folder === '') return name
  const entry = path.replace(/(^|\/)index$/, '').replace(/^contract\/(.+)-schema$/, '$1')
  return ['@janus', folder, ...(entry === '' ? [] : [entry])].join('/')
}
