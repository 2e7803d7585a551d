import type { Condition, FileContent, RunCommand, UndoChange } from '@janus/core'
import { renderDiff } from './file-diff.js'
import { printedLine, textOfBytes } from './file-text.js'
import { type Fragment, indent, lines, text } from './markup.js'
import { shellWords } from './shell-words.js'

/** One line: what a change does, to what, with which value. */
export function renderAction(change: UndoChange): Fragment {
  switch (change.kind) {
    case 'write-attribute':
      return text`write ${JSON.stringify(change.value)} to ${change.path}`
    case 'write-file':
      return text`write file ${change.path} (mode ${octal(change.mode)}${ownerOf(change.owner)})`
    case 'write-link':
      return text`link ${change.path} to ${change.target}`
    case 'remove-file':
      return text`remove file ${change.path}`
    case 'create-directory':
      return text`create directory ${change.path} (mode ${octal(change.mode)}${ownerOf(change.owner)})`
    case 'remove-directory':
      return change.tasksTo === undefined
        ? text`remove directory ${change.path}`
        : text`move the tasks in ${change.path} to ${change.tasksTo} and remove it`
    case 'load-kernel-module':
      return text`load kernel module ${change.name}${parametersOf(change.parameters)}`
    case 'unload-kernel-module':
      return text`unload kernel module ${change.name}`
    case 'run-command':
      return text`run ${shellWords([change.command, ...change.args])}`
  }
}

/**
 * What else there is to a change: the value it expects to find, the bytes it writes, how a command is run.
 * @param present the file that is replaced: then the difference is shown instead of all that is written
 */
export function renderParticulars(change: UndoChange, present?: string): readonly Fragment[] {
  switch (change.kind) {
    case 'write-attribute':
      return change.from === undefined ? [] : [text`found    ${JSON.stringify(change.from)}`]
    case 'write-file':
      return [...foundFile(change.from), ...renderContent(change.content, present)]
    case 'write-link':
      return change.from === undefined
        ? []
        : [text`found    ${change.from === null ? 'nothing' : `a link to ${change.from}`}`]
    case 'remove-file':
      return change.from !== undefined && 'link' in change.from
        ? [text`found    a link to ${change.from.link}`]
        : foundFile(change.from)
    case 'run-command':
      return [
        text`deadline ${change.timeout / 1000} s`,
        ...Object.entries(change.env ?? {}).map(([name, value]) => text`env      ${name}=${value}`),
        ...(change.input === undefined ? [] : [text`input    ${JSON.stringify(change.input)}`]),
        ...(change.outputs ?? []).map((path) => text`rewrites ${path}`),
        ...renderAgain(change),
        ...(change.opaque ? [text`opaque   nobody can say beforehand what this program will do`] : []),
      ]
    default:
      return []
  }
}

/** A binding is stopped by some twenty kinds of use: named one by one they would hide what matters. */
const MOST_NAMED = 4

/** A condition on the host, as a statement. */
export function renderCondition(condition: Condition): Fragment {
  switch (condition.kind) {
    case 'equals':
      return text`${condition.path} is ${JSON.stringify(condition.value)}`
    case 'contains':
      return text`${condition.path} contains ${JSON.stringify(condition.value)}`
    case 'lacks':
      return text`${condition.path} does not contain ${JSON.stringify(condition.value)}`
    case 'within':
      return text`${condition.path} names no CPU but ${condition.value}`
    case 'linksTo':
      return text`${condition.path} links to ${condition.target}`
    case 'exists':
      return text`${condition.path} exists`
    case 'absent':
      return text`${condition.path} is absent`
    case 'sha256':
      return text`${condition.path} has SHA-256 ${condition.value}`
    case 'parameter':
      return renderParameter(condition)
    case 'archive-member':
      if (condition.absent === true) return text`${condition.path} has no member ${condition.member}`
      return text`${condition.path} has the member ${condition.member}${condition.sha256 === undefined ? '' : ` with SHA-256 ${condition.sha256}`}`
    case 'unheld':
      return text`nobody holds ${condition.path} open`
    case 'unused':
      return text`the host does not use ${condition.path}${condition.uses.length > MOST_NAMED ? '' : ` (${condition.uses.join(', ')})`}`
  }
}

function renderParameter({
  path,
  name,
  value,
  after,
  among,
  lines: kind,
}: Extract<Condition, { kind: 'parameter' }>): Fragment {
  const where = after === undefined ? '' : ` behind ${after.names.join(' or ')}=${after.values[0] ?? ''}`
  const list = among === undefined ? '' : ' (alone or in a list)'
  if (value === null) {
    const word = among === undefined ? name : `${name}=${among.join('|')}`
    return text`${path} has no ${word}${list}${where}${kind === undefined ? '' : ` on its first line ${kind}`}`
  }
  const line = kind === undefined ? '' : ` on a line ${kind}`
  return text`${path} has ${value === '' ? name : `${name}=${value}`}${list}${where}${line}`
}

/** What an undo does about outputs that are somebody else's by then. */
function renderAgain({ regenerates, unless = [] }: RunCommand): readonly Fragment[] {
  if (regenerates !== true) return []
  const exceptions = unless.map((condition) => text`         unless ${renderCondition(condition)}`)
  return [text`again    at an undo, where somebody has rewritten its files since`, ...exceptions]
}

function renderContent(content: FileContent, present?: string): readonly Fragment[] {
  if ('saved' in content) return [text`content  saved bytes, SHA-256 ${content.saved}`]
  const whole = textOf(content)
  if (whole === undefined) return [text`content  base64 ${'base64' in content ? content.base64 : ''}`]
  if (present !== undefined && present !== whole) return [text`changes`, indent(renderDiff(present, whole), 2)]
  const written = whole.split('\n')
  if (written.at(-1) === '') written.pop()
  if (written.length === 0) return [text`content  (empty)`]
  return [text`content`, indent(lines(written.map((line) => text`| ${printedLine(line)}`)), 2)]
}

/** What is written, as a text that keeps every byte; undefined where it is none. */
export function textOf(content: FileContent): string | undefined {
  if ('text' in content) return content.text
  return 'base64' in content ? textOfBytes(Buffer.from(content.base64, 'base64')) : undefined
}

function foundFile(from: { readonly sha256?: string; readonly mode?: number } | null | undefined): readonly Fragment[] {
  if (from === undefined) return []
  if (from === null) return [text`found    nothing`]
  return [text`found    a file, SHA-256 ${from.sha256 ?? ''}, mode ${octal(from.mode ?? 0)}`]
}

function parametersOf(parameters: Readonly<Record<string, string>> = {}): string {
  return Object.entries(parameters)
    .map(([name, value]) => ` ${name}=${value}`)
    .join('')
}

function ownerOf(owner: { readonly uid: number; readonly gid: number } | undefined): string {
  return owner === undefined ? '' : `, owner ${owner.uid}:${owner.gid}`
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}
