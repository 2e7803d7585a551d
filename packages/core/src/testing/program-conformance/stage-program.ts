import { chmod, cp, lstat, mkdir } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { logLibrary } from '../../command-modules/program-environment.js'
import type { ProgramSubject } from './program-subject.js'

/** A copy of a program and of what it brings, that can be shown at another place. */
export interface StagedProgram {
  readonly directory: string
  /** The program, relative to the directory. */
  readonly entry: string
  /** The logging library of Janus, relative to the directory. */
  readonly library: string
}

const LIBRARY = '.janus/janus-log.sh'

const PASSED_OVER = new Set(['node_modules', '.git'])

/**
 * Copies a program with its surroundings, so that a test neither shows more of this machine than that nor can change it.
 * A bash module without a logging library beside it finds the one of Janus at the usual place, `../../lib/janus-log.sh`.
 */
export async function stageProgram(
  { file, directory }: Pick<ProgramSubject, 'file' | 'directory'>,
  stage: string,
): Promise<StagedProgram> {
  await mkdir(stage, { recursive: true })
  const entry = directory === undefined ? await stageAlone(file, stage) : await stageFrom(directory, file, stage)
  await copyLibrary(join(stage, LIBRARY))
  const usual = join(stage, dirname(entry), '../../lib/janus-log.sh')
  if (usual.startsWith(`${stage}${sep}`) && !(await exists(usual))) await copyLibrary(usual)
  return { directory: stage, entry, library: LIBRARY }
}

async function stageFrom(directory: string, file: string, stage: string): Promise<string> {
  await copyTree(directory, stage)
  return relative(directory, file)
}

async function stageAlone(file: string, stage: string): Promise<string> {
  const modules = folderAbove(file, 'modules')
  if (modules === undefined) {
    const entry = join('modules', 'tested', basename(file))
    await copyTree(file, join(stage, entry))
    return entry
  }
  const tree = dirname(modules)
  await copyTree(modules, join(stage, 'modules'))
  if (await exists(join(tree, 'lib'))) await copyTree(join(tree, 'lib'), join(stage, 'lib'))
  return relative(tree, file)
}

function folderAbove(file: string, name: string): string | undefined {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (basename(folder) === name) return folder
  }
  return undefined
}

async function copyLibrary(to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await cp(logLibrary(), to)
  await chmod(to, 0o644)
}

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await cp(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => path === from || !PASSED_OVER.has(basename(path)),
  })
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
