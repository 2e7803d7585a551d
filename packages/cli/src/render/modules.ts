import type { ModuleDescription, ModuleRow } from '@janus/core'
import { renderDiagnostic } from './diagnostic.js'
import { type Fragment, join, lines, text } from './markup.js'
import type { Palette } from './palette.js'
import { renderTable } from './table.js'

/** The modules found, one per line, and what is wrong with any. */
export function renderModules(palette: Palette, rows: readonly ModuleRow[]): Fragment {
  if (rows.length === 0) return text`No modules were found.`
  const table = renderTable(
    palette,
    ['MODULE', 'TYPE', 'VERSION', 'STATUS', 'RUNS', 'FROM', 'SUMMARY'],
    rows.map((row) => [
      row.id,
      row.type,
      row.version,
      renderStatus(palette, row.status),
      renderIsolation(palette, row),
      row.source,
      row.summary ?? '-',
    ]),
  )
  const remarks = rows.flatMap(({ diagnostics }) =>
    diagnostics.map((diagnostic) => renderDiagnostic(palette, diagnostic)),
  )
  return remarks.length === 0 ? table : join([table, lines(remarks)], '\n\n')
}

/** What a module is, and its options as a table. */
export function renderModule(palette: Palette, description: ModuleDescription): Fragment {
  const { id, type, version, source, path, summary, supports, optionsSchema, isolation, trusted } = description
  const abilities = supports.apply ? `check, apply, rollback (${supports.rollback})` : 'check'
  return join(
    [
      lines(
        text`${palette.title(id)} ${version} ${palette.faint(`(${type})`)} ${summary ?? ''}`,
        text`${palette.faint('from')} ${source}${path === undefined ? '' : `, ${path}`}`,
        text`${palette.faint('can')} ${abilities}`,
        text`${palette.faint('runs')} ${isolation}, ${trusted ? 'trusted' : 'not trusted: nothing that root runs is taken from it'}`,
      ),
      renderOptions(palette, optionsSchema),
    ],
    '\n\n',
  )
}

function renderIsolation(palette: Palette, { isolation, trusted }: ModuleRow): Fragment {
  if (isolation === 'in-process') return text`${isolation}`
  return trusted ? text`${isolation}, trusted` : palette.faint(isolation)
}

function renderStatus(palette: Palette, status: ModuleRow['status']): Fragment {
  if (status === 'ready' || status === 'enabled') return palette.good(status)
  return status === 'available' ? palette.faint(status) : palette.bad(status)
}

function renderOptions(palette: Palette, schema: Readonly<Record<string, unknown>>): Fragment {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Readonly<Record<string, unknown>>>)
  if (properties.length === 0) return text`It takes no options.`
  const required = new Set(Array.isArray(schema.required) ? schema.required : [])
  const entries = properties.map(([name, property]) => {
    const fallback = property.default === undefined ? 'optional' : `default ${JSON.stringify(property.default)}`
    return lines(
      text`  ${palette.title(name)}  ${palette.faint(required.has(name) ? 'required' : fallback)}`,
      ...wrapped(typeOf(property)).map((line) => text`      ${line}`),
      typeof property.description === 'string' ? text`      ${property.description}` : undefined,
    )
  })
  return lines(text`Options, given as -o name=value`, ...entries)
}

/** Lines of at most 90 characters, broken at spaces. */
function wrapped(words: string): readonly string[] {
  return words.match(/.{1,90}(?:\s|$)|\S+/g)?.map((line) => line.trimEnd()) ?? []
}

function typeOf(property: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(property.enum)) return property.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (property.type === 'array') return `list of ${typeOf((property.items ?? {}) as Readonly<Record<string, unknown>>)}`
  if (typeof property.type === 'string') return property.type
  const alternatives = property.anyOf ?? property.oneOf
  if (Array.isArray(alternatives)) return alternatives.map((alternative) => typeOf(alternative)).join(' | ')
  return 'any'
}
