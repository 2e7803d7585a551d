import { formatCpuList } from '@janus/core'
import { html, type Markup, type Piece } from './markup.js'

/** A count with its noun: `1 device`, `3 devices`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`
}

/** A size of memory: `755 MiB`, `62.8 GiB`. */
export function sizeWords(kib: number): string {
  if (kib < 1024) return `${kib} KiB`
  const mib = kib / 1024
  return mib < 1024 ? `${rounded(mib)} MiB` : `${rounded(mib / 1024)} GiB`
}

/** Processors as the kernel lists them: `0-3,8`; `none` without any. */
export function cpuWords(cpus: readonly number[]): string {
  return cpus.length === 0 ? 'none' : formatCpuList(cpus)
}

/** A sentence in which what stands between backticks is code. */
export function sentence(text: string): Piece {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))
}

/** The part of an element's id that stands for a name: letters, digits and dashes, whatever the name holds. */
export function idOf(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '-')
}

/** A word in the colour of how it stands; the word says it too. */
export function badge(tone: 'critical' | 'warn' | 'ok' | 'skipped', word: string): Markup {
  return html`<span class="badge ${tone}">${word}</span>`
}

function rounded(size: number): string {
  return size < 100 ? String(Math.round(size * 10) / 10) : String(Math.round(size))
}
