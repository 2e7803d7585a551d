import type { ChangeCommon, Loss } from '../contract/change.js'

/** What a list of changes loses, each loss once. */
export function lossesOf(changes: readonly Pick<ChangeCommon, 'irreversible'>[]): readonly Loss[] {
  const losses = changes.flatMap((change) => change.irreversible ?? [])
  return losses.filter(
    (loss, index) => losses.findIndex((other) => other.id === loss.id && other.summary === loss.summary) === index,
  )
}
