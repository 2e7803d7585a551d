import type { BindingOutlook } from '@janus/modules-gpu'
import type { Markup } from './markup.js'
import { badge } from './words.js'

type Verdict = BindingOutlook['verdict']

const WORDS: Readonly<Record<Verdict, readonly [tone: Parameters<typeof badge>[0], word: string]>> = {
  bound: ['ok', 'on VFIO already'],
  bindable: ['ok', 'can be bound'],
  insist: ['warn', 'only if you insist'],
  refused: ['critical', 'refused'],
  unknown: ['skipped', 'not shown'],
}

/** How binding would end, as a badge. */
export function verdictBadge(verdict: Verdict): Markup {
  const [tone, word] = WORDS[verdict]
  return badge(tone, word)
}

/** The same as a word. */
export function verdictWord(verdict: Verdict): string {
  return WORDS[verdict][1]
}
