import type { PlannedProfile, Profile, ProfileDiff, ProfileFile, ProfileRow } from '@janus/core'
import { type Fragment, indent, join, lines, NOTHING, text } from './markup.js'
import type { Palette } from './palette.js'
import { renderTable } from './table.js'

/** The profiles found, one line for each. */
export function renderProfiles(palette: Palette, profiles: readonly ProfileRow[]): Fragment {
  if (profiles.length === 0) return text`No profiles. docs/profiles.md says where they lie.`
  const rows = profiles.map(({ name, path, profile, problem }) => [
    name,
    path,
    profile === undefined ? palette.bad(problem ?? '') : text`${profile.summary ?? ''}`,
  ])
  return renderTable(palette, ['name', 'file', 'summary'], rows)
}

/** What a profile says. */
export function renderProfile(palette: Palette, { profile, path }: ProfileFile): Fragment {
  const { name, summary, modules } = profile
  const entries = modules.map(({ module, options = {}, after = [] }, index) =>
    lines(
      text`${index + 1}. ${module}${after.length === 0 ? '' : ` (after ${after.join(', ')})`}`,
      Object.entries(options).map(([key, value]) => text`   ${key} = ${JSON.stringify(value)}`),
    ),
  )
  return lines(
    text`${palette.title('Profile')} ${name}${summary === undefined ? '' : `: ${summary}`}`,
    text`${palette.faint('file')} ${path}`,
    indent(lines(entries), 2),
  )
}

/** Which stage a plan is, what each module asked for, and what waits for what. */
export function renderStage(palette: Palette, { profile, stage, modules, waiting }: PlannedProfile): Fragment {
  const planned = modules.map(({ module, changes }) =>
    changes === 0
      ? text`${module}: ${palette.good('nothing to do')}`
      : text`${module}: ${changes} ${changes === 1 ? 'change' : 'changes'}`,
  )
  const [first] = waiting
  const waits =
    first === undefined
      ? NOTHING
      : lines(
          palette.title(`Waiting for this stage (${waiting.length})`),
          indent(
            lines(
              waiting.map(({ module, because }) => text`${module}: ${because}`),
              text`They are planned once the kernel shows: ${first.until.join('; ')}`,
              text`Their plan is shown, and asked for, before they go on; a no undoes this stage too.`,
            ),
            2,
          ),
        )
  return join(
    [lines(text`${palette.title('Profile')} ${profile.name}, stage ${stage}`, indent(lines(planned), 2)), waits].filter(
      (part) => part !== NOTHING,
    ),
    '\n\n',
  )
}

/** How the host differs from a profile. */
export function renderProfileDiff(palette: Palette, { profile, modules, drift, same }: ProfileDiff): Fragment {
  const parts = modules.map(({ module, differences, waits }) => {
    if (waits !== undefined) return text`${module}: ${palette.notice('waits')} (${waits.because})`
    if (differences.length === 0) return text`${module}: ${palette.good('as wanted')}`
    const entries = differences.map(({ path, found, wanted }) =>
      lines(text`${path}`, text`  found  ${palette.bad(found)}`, text`  wanted ${wanted}`),
    )
    return lines(text`${module}:`, indent(lines(entries), 2))
  })
  return join(
    [
      lines(palette.title(`Profile ${profile.name}`), indent(lines(parts), 2)),
      ...(drift === undefined || drift.length === 0
        ? []
        : [
            lines(
              palette.title('Changed since it was applied'),
              drift.map(
                ({ path, expected, found, state }) =>
                  text`  ${palette.notice(state)} ${path}: ${expected}, found ${found ?? 'nothing'}`,
              ),
            ),
          ]),
      same ? palette.good('The host is as the profile wants it.') : text`The host differs from the profile.`,
    ],
    '\n\n',
  )
}

/** For a question: what is asked for. */
export function stageWords({ name }: Profile, stage: number): string {
  return stage === 1 ? `profile ${name}` : `stage ${stage} of profile ${name}`
}
