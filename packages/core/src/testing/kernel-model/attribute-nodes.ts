import { type AttributeNode, atOnce } from '../file-tree/tree-node.js'
import type { AttributeSpec } from './kernel-spec.js'
import { sysfsWord } from './kernel-state.js'

/** A read-only attribute. */
export function readOnly(text: string | (() => string)): AttributeNode {
  return {
    type: 'attribute',
    mode: 0o444,
    show: atOnce(() => (typeof text === 'string' ? text : text())),
  }
}

/** An attribute with the rules of its spec; without any it reads as what was written last. */
export function plainAttribute(spec: AttributeSpec): AttributeNode {
  let text = spec.text
  return {
    type: 'attribute',
    mode: spec.mode ?? 0o644,
    show: atOnce(() => `${spec.selector ? selection(spec.accepts ?? [], text) : text}\n`),
    store: atOnce((written: string) => {
      const word = sysfsWord(written)
      if (spec.refuses !== undefined) return spec.refuses
      if (spec.accepts !== undefined && !spec.accepts.includes(word)) return 'EINVAL'
      text = word
      return 'ok'
    }),
  }
}

function selection(choices: readonly string[], chosen: string): string {
  return choices.map((choice) => (choice === chosen ? `[${choice}]` : choice)).join(' ')
}
