/** One module of the corpus: what becomes of it in the sandbox, and how it fares without one. */
export interface HostileCase {
  readonly fixture: string
  /** Codes of the one diagnostic that it may end as; `answers` when it may also just answer. */
  readonly endsWith: readonly string[]
  /** It never ends of itself, so it is given little time. */
  readonly hangs?: boolean
  readonly action?: 'check' | 'apply'
  readonly entry?: string
  readonly api?: number
  /** Links that lie in the package: by path in it, what they come to in the tree. */
  readonly ships?: Readonly<Record<string, string>>
  /** What shows that it is as hostile as its name. Absent where core refuses it before any code of it runs. */
  readonly without?:
    | { readonly expect: 'wins' | 'hangs' | 'dies' | 'prints' }
    | { readonly expect: 'says'; readonly text: RegExp }
}

const CRASHED = 'JANUS_MODULE_CRASHED'
const INVALID = 'JANUS_MODULE_ANSWER_INVALID'
const TIMEOUT = 'JANUS_MODULE_TIMEOUT'
const SHAPE = 'JANUS_MODULE_SHAPE_INVALID'
const REFUSED = 'JANUS_SANDBOX_BIND_REFUSED'
const IMPORT = 'JANUS_MODULE_IMPORT_FAILED'

const wins = { expect: 'wins' } as const
const hangs = { expect: 'hangs' } as const
const dies = { expect: 'dies' } as const
const says = (text: RegExp) => ({ expect: 'says', text }) as const

/** The corpus. */
export const hostileCases: readonly HostileCase[] = [
  // What never ends, or ends too early.
  { fixture: 'loops-in-metadata', endsWith: [TIMEOUT], hangs: true, without: hangs },
  { fixture: 'loops-at-import', endsWith: [TIMEOUT], hangs: true, without: hangs },
  { fixture: 'waits-at-import', endsWith: [TIMEOUT], hangs: true, without: hangs },
  { fixture: 'loops-in-check', endsWith: [TIMEOUT], hangs: true, without: hangs },
  { fixture: 'ignores-signals', endsWith: [TIMEOUT], hangs: true, without: hangs },
  { fixture: 'thenable-answer', endsWith: [TIMEOUT], hangs: true, without: hangs },
  { fixture: 'exits-at-import', endsWith: [CRASHED], without: dies },
  { fixture: 'exits-in-check', endsWith: [CRASHED], without: dies },
  { fixture: 'aborts', endsWith: [CRASHED], without: dies },
  { fixture: 'throws-nothing-printable', endsWith: [CRASHED], without: says(/not even this/) },

  // What reaches for the process that asks.
  { fixture: 'pollutes-prototypes', endsWith: [CRASHED, INVALID, SHAPE, IMPORT], without: says(/./) },
  { fixture: 'replaces-globals', endsWith: [CRASHED, INVALID, SHAPE, IMPORT], without: says(/./) },
  { fixture: 'floods-stdout', endsWith: [INVALID], without: { expect: 'prints' } },
  { fixture: 'forges-on-stdout', endsWith: [CRASHED], without: says(/is no answer/) },
  { fixture: 'forges-on-channel', endsWith: [INVALID], without: says(/forged.*\}\{/) },
  { fixture: 'garbage-on-channel', endsWith: [INVALID], without: says(/\{.*won/) },
  { fixture: 'floods-channel', endsWith: [INVALID], without: says(/671\d{5}$/) },
  { fixture: 'closes-channel', endsWith: [CRASHED], without: dies },
  { fixture: 'answers-twice', endsWith: ['answers', INVALID], without: says(/won/) },
  { fixture: 'tricky-answer', endsWith: [INVALID], without: says(/"no":"list"/) },
  { fixture: 'getter-answer', endsWith: [CRASHED], without: says(/not to be looked at/) },
  { fixture: 'prototype-answer', endsWith: [INVALID], without: says(/__proto__/) },
  { fixture: 'huge-list', endsWith: [INVALID], without: says(/f1000/) },
  { fixture: 'deep-answer', endsWith: [INVALID], without: says(/(\{"deep":){500}/) },
  { fixture: 'wrong-findings', endsWith: [INVALID], without: says(/has spaces/) },
  { fixture: 'forged-options-schema', endsWith: [INVALID], without: says(/"anyOf\\":\[null\]/) },
  { fixture: 'forged-error', endsWith: [CRASHED], without: says(/JANUS_ROLLBACK_INCOMPLETE/) },
  { fixture: 'speaks-as-janus', endsWith: ['JANUS_HOST_UNREADABLE'], without: says(/"remedy":"Run: curl/) },
  { fixture: 'injects-text', endsWith: ['answers'], without: says(/owned/) },
  { fixture: 'injects-error', endsWith: [CRASHED], without: says(/owned/) },

  // What passes for something else.
  { fixture: 'wrong-api', endsWith: [SHAPE], without: says(/compatApi is 99/) },
  { fixture: 'another-identity', endsWith: [SHAPE], without: says(/gpu-vfio/) },
  { fixture: 'symlinked-entry', entry: 'outside.mjs', endsWith: ['JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE'] },
  { fixture: 'newer-api', api: 2, endsWith: ['JANUS_MODULE_API_UNSUPPORTED'] },
  { fixture: 'changes-of-no-kind', action: 'apply', endsWith: ['JANUS_CHANGE_REFUSED'], without: says(/run-shell/) },
  {
    fixture: 'changes-by-detours',
    action: 'apply',
    endsWith: ['JANUS_CHANGE_REFUSED'],
    without: says(/sys\/\.\.\/etc/),
  },

  // What writes.
  { fixture: 'writes-somewhere', endsWith: [CRASHED], without: wins },
  { fixture: 'writes-at-import', endsWith: [IMPORT], without: wins },
  { fixture: 'patches-core', endsWith: [CRASHED], without: wins },
  { fixture: 'fills-inodes', endsWith: [CRASHED], without: wins },
  { fixture: 'removes-files', endsWith: [CRASHED], without: wins },
  { fixture: 'works-in-threads', endsWith: [CRASHED], without: wins },

  // What takes more than its share.
  { fixture: 'bombs-forks', endsWith: [CRASHED], without: wins },
  { fixture: 'leaves-a-grandchild', endsWith: [CRASHED], without: wins },
  { fixture: 'bombs-memory', endsWith: [CRASHED], without: wins },
  { fixture: 'bombs-heap', endsWith: [CRASHED], without: wins },

  // What reads.
  { fixture: 'reads-shadow', endsWith: [CRASHED], without: wins },
  { fixture: 'reads-key', endsWith: [CRASHED], without: wins },
  { fixture: 'reads-by-detours', endsWith: [CRASHED], without: wins },
  { fixture: 'reads-by-dependency', endsWith: [REFUSED], ships: { 'node_modules/dep': 'home/.ssh' }, without: wins },
  { fixture: 'reads-by-modules-folder', endsWith: [REFUSED], ships: { node_modules: 'home/.ssh' }, without: wins },
  { fixture: 'reads-a-project', endsWith: [CRASHED], without: wins },
  { fixture: 'reads-environment', endsWith: [CRASHED], without: wins },

  // What talks to others, or does something to them.
  { fixture: 'connects-loopback', endsWith: [CRASHED], without: wins },
  { fixture: 'connects-unix-socket', endsWith: [CRASHED], without: wins },
  { fixture: 'connects-abstract-socket', endsWith: [CRASHED], without: wins },
  { fixture: 'listens', endsWith: [CRASHED], without: wins },
  { fixture: 'makes-system-calls', endsWith: [CRASHED], without: wins },
  { fixture: 'makes-a-namespace', endsWith: [CRASHED], without: wins },
  { fixture: 'signals-others', endsWith: [CRASHED], without: wins },
  { fixture: 'inspects-others', endsWith: [CRASHED], without: wins },
]
