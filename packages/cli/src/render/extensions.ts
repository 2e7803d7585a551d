import type { Extension, ExtensionPreview, PackageContents, TrustReview } from '@janus/core'
import { renderDiagnostic } from './diagnostic.js'
import { type Fragment, lines, text } from './markup.js'
import type { Palette } from './palette.js'

/** A package before it is installed: what it brings, and what it may do then. */
export function renderPreview(palette: Palette, preview: ExtensionPreview, directory: string): Fragment {
  const { name, version, description, integrity, registry, brings, installed, spec } = preview
  return lines(
    text`${palette.title(name)} ${version}${description === undefined ? '' : `  ${description}`}`,
    installed === undefined ? undefined : text`${palette.faint('replaces')} version ${installed}`,
    ...renderContents(palette, brings),
    text`${palette.faint('archive')} ${integrity ?? `copied from ${spec}, no digest`}`,
    registry === undefined ? undefined : text`${palette.faint('comes from')} ${registry}`,
    text`${palette.faint('goes to')} ${directory}`,
    text`Its scripts do not run when it is installed. Its modules are kept in the sandbox, and nothing that root runs is`,
    text`taken from them, until you run janus module trust.`,
  )
}

/** A package after it was installed. */
export function renderAdded(palette: Palette, { name, version, brings }: Extension): Fragment {
  const [first] = brings.modules
  return lines(
    text`${palette.good('Installed')} ${name} ${version}.`,
    first === undefined ? undefined : text`${palette.faint('look at it with')} janus module show ${first.id}`,
    brings.tools === undefined
      ? undefined
      : text`${palette.faint('an agent runs its tools once')} tools[] of agent.yaml names them with package: ${name}`,
  )
}

/** A package that is installed. */
export function renderExtension(palette: Palette, extension: Extension): Fragment {
  const { name, version, trusted, brings, diagnostics } = extension
  return lines(
    text`${palette.title(name)} ${version}  ${trusted ? palette.good('trusted') : palette.faint('not trusted')}`,
    ...renderContents(palette, brings),
    diagnostics.map((diagnostic) => renderDiagnostic(palette, diagnostic)),
  )
}

/** What somebody reads before trusting a package. */
export function renderTrustReview(
  palette: Palette,
  { name, path, now, pinned, changes, isProgram = false }: TrustReview,
): Fragment {
  const since = pinned === undefined ? 'It was not pinned before.' : 'Nothing has changed since it was pinned.'
  return lines(
    text`${palette.title(name)}${now.version === 'unknown' ? '' : ` ${now.version}`}`,
    text`${palette.faint('in')} ${path}`,
    ...renderContents(palette, now.brings),
    text`${palette.faint('files')} ${now.files}`,
    changes.length === 0 ? text`${since}` : text`${palette.notice('Changed')} since it was pinned:`,
    changes.map((change) => text`  ${change}`),
    !isProgram
      ? text`Trusted, its code runs in this process with all your rights, and what it proposes may become code that root runs.`
      : text`Trusted, it is still asked in the sandbox, and what it proposes may become code that root runs: itself, too.`,
  )
}

function renderContents(
  palette: Palette,
  { modules, commands, checks = [], tools = [] }: PackageContents,
): readonly Fragment[] {
  const named = modules.map(({ id, type }) => `${id} (${type})`).join(', ')
  return [
    ...(named === '' ? [] : [text`${palette.faint('modules')} ${named}`]),
    ...(commands.length === 0 ? [] : [text`${palette.faint('commands')} ${commands.join(', ')}`]),
    ...(checks.length === 0 ? [] : [text`${palette.faint('checks of janus doctor')} ${checks.join(', ')}`]),
    ...(tools.length === 0 ? [] : [text`${palette.faint('tools')} ${tools.join(', ')}`]),
  ]
}
