import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from './run-program.js'
import { repository } from './workspace.js'

/** Pages whose commands are run, one after the other in one directory. */
export const SESSION_PAGES = ['index', 'audit', 'policy', 'modes', 'recovery'] as const

/** The directory that the pages say they were run in. */
const SHOWN_FOLDER = '/home/ada/argo'
const FENCE = /^```(\S+)(?: (\S+))?\n([\s\S]*?)^```$/gm
/** What differs from run to run: ids, digests, keys, times, who, which process. */
const VARIABLE =
  /janus-[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d[:-]\d\d[:-]\d\d(?:[.-]\d+)?Z|argo\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+|[A-Za-z0-9+/]{80,}={0,2}|[A-Za-z0-9+/]{43}=|\b[0-9a-f]{8,64}\b|\S+ \(uid \d+\)|process \d+|\d+ bytes/g

/** A command of a page, what the page says it prints, and what it printed now. */
export interface SessionCommand {
  readonly page: string
  readonly command: string
  readonly shown: string
  readonly printed: string
}

/** Pages of the agent with the output of their sessions as it is now, and every command that was run. */
export async function runAgentSessions(
  pages: ReadonlyMap<string, string>,
): Promise<{ readonly pages: ReadonlyMap<string, string>; readonly commands: readonly SessionCommand[] }> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-agent-pages-')))
  const known = new Map<string, string>()
  const commands: SessionCommand[] = []
  const written = new Map<string, string>()
  try {
    await prepare(folder)
    for (const [page, text] of pages) written.set(page, await runPage(page, text, { folder, known, commands }))
    return { pages: written, commands }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The same text for two runs that did the same. */
export function comparableSession(text: string): string {
  return text.replace(VARIABLE, (found) => kindOf(found))
}

interface Scene {
  readonly folder: string
  /** What a page calls something, and what it is called in this run. */
  readonly known: Map<string, string>
  readonly commands: SessionCommand[]
}

async function prepare(folder: string): Promise<void> {
  await mkdir(join(folder, 'bin'))
  await mkdir(join(folder, 'state'), { mode: 0o700 })
  const janus = join(folder, 'bin/janus')
  await writeFile(
    janus,
    `#!/bin/sh\nexec '${process.execPath}' '${join(repository, 'packages/cli/bin/janus.js')}' "$@"\n`,
  )
  await chmod(janus, 0o755)
}

async function runPage(page: string, text: string, scene: Scene): Promise<string> {
  let written = ''
  let end = 0
  for (const fence of text.matchAll(FENCE)) {
    const [all, kind = '', file, body = ''] = fence
    written += text.slice(end, fence.index)
    end = fence.index + all.length
    if (file !== undefined) {
      const here = body.replaceAll(SHOWN_FOLDER, scene.folder)
      await writeFile(join(scene.folder, file), here, { mode: 0o600 })
    }
    written += kind === 'shell-session' ? `\`\`\`shell-session\n${await runSession(page, body, scene)}\`\`\`` : all
  }
  return written + text.slice(end)
}

async function runSession(page: string, body: string, scene: Scene): Promise<string> {
  let written = ''
  for (const part of body.split(/^\$ /m).slice(1)) {
    const [command = '', ...lines] = part.split('\n')
    const shown = lines.join('\n')
    const printed = await run(command, scene)
    bind(scene.known, shown, printed)
    scene.commands.push({ page, command, shown, printed })
    written += `$ ${inThisRun(command, scene)}\n${printed}`
  }
  return written
}

async function run(command: string, scene: Scene): Promise<string> {
  const { folder } = scene
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    HOME: folder,
    JANUS_STATE_DIR: join(folder, 'state'),
    LC_ALL: 'C',
    NO_COLOR: '1',
  }
  const { output } = await runProgram('bash', ['-c', inThisRun(command, scene).replaceAll(SHOWN_FOLDER, folder)], {
    cwd: folder,
    env,
  })
  const text = output.replaceAll(folder, SHOWN_FOLDER).replace(/[ \t]+$/gm, '')
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}

function inThisRun(command: string, { known }: Scene): string {
  return command.replace(VARIABLE, (found) => known.get(found) ?? found)
}

/** What the page shows at a place is what this run printed there. */
function bind(known: Map<string, string>, shown: string, printed: string): void {
  const actual = [...printed.matchAll(VARIABLE)].map(([found]) => found)
  for (const [name] of shown.matchAll(VARIABLE)) {
    const at = actual.findIndex((found) => kindOf(found) === kindOf(name))
    if (at < 0) return
    known.set(name, actual[at] ?? '')
    actual.splice(0, at + 1)
  }
}

function kindOf(found: string): string {
  if (found.startsWith('janus-')) return 'PROPOSAL'
  if (/^\d{4}-/.test(found)) return 'TIME'
  if (found.startsWith('process ')) return 'PROCESS'
  if (found.endsWith(' bytes')) return 'BYTES'
  if (found.includes('(uid ')) return 'USER'
  if (/^[0-9a-f]+$/.test(found)) return `HEX${found.length}`
  return 'KEY'
}
