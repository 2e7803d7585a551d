import type { GroupVerdict, JudgedGroup } from '@janus/core'
import { type Fragment, text } from './markup.js'
import type { Palette } from './palette.js'

const WORDS = {
  free: 'free',
  'in-use': 'in use by the host',
  bound: 'given away, on a VFIO driver',
  stays: 'stays with the host',
} as const satisfies Record<GroupVerdict, string>

/** Whether a group can be taken, and that its functions go together. */
export function renderGroupVerdict(palette: Palette, { verdict, reasons, functions }: JudgedGroup): Fragment {
  const paint = { free: palette.good, 'in-use': palette.bad, bound: palette.notice, stays: palette.bad }[verdict]
  const together = functions.length === 1 ? '' : `; its ${functions.length} functions go together`
  const because = verdict === 'stays' ? `: ${reasons.join(', ')}` : ''
  return text`${paint(WORDS[verdict])}${because}${together}`
}
