/** One JSON line that a guest program wrote to the results channel (see guest/kit/report.mjs). */
export type LabRecord =
  | { readonly type: 'check'; readonly title: string; readonly ok: boolean; readonly detail?: unknown }
  | { readonly type: 'value'; readonly name: string; readonly value: unknown }
  | { readonly type: 'note'; readonly text: string }
  /** A moment that the host waits for, for instance to cut the power. */
  | { readonly type: 'marker'; readonly name: string; readonly detail?: unknown }
  | { readonly type: 'started'; readonly uptimeSeconds: number }
  | { readonly type: 'exit'; readonly code: number }

/** The last value reported under a name, or undefined. */
export function reportedValue(records: readonly LabRecord[], name: string): unknown {
  const found = records.filter((record) => record.type === 'value').findLast((record) => record.name === name)
  return found?.value
}
