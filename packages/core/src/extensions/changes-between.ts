import type { PinnedState } from '../contract/extensions.js'

/** What differs between two states of a package, one line each. */
export function changesBetween(before: PinnedState, after: PinnedState): readonly string[] {
  const changes: string[] = []
  if (before.version !== after.version) changes.push(`version ${before.version} → ${after.version}`)
  if (before.integrity !== after.integrity)
    changes.push(`archive ${before.integrity ?? 'without a digest'} → ${after.integrity ?? 'without a digest'}`)
  if (before.files !== after.files) changes.push(`files ${before.files} → ${after.files}`)
  const modulesOf = ({ brings }: PinnedState): readonly string[] =>
    brings.modules.map(({ id, type }) => `${id} (${type})`)
  changes.push(...differences('module', modulesOf(before), modulesOf(after)))
  changes.push(...differences('command', before.brings.commands, after.brings.commands))
  changes.push(...differences('check', before.brings.checks ?? [], after.brings.checks ?? []))
  changes.push(...differences('tool', before.brings.tools ?? [], after.brings.tools ?? []))
  return changes
}

function differences(what: string, before: readonly string[], after: readonly string[]): readonly string[] {
  return [
    ...after.filter((one) => !before.includes(one)).map((one) => `new ${what} ${one}`),
    ...before.filter((one) => !after.includes(one)).map((one) => `${what} ${one} is gone`),
  ]
}
