import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ProgramOptions, type ProgramResult, runProgram } from './run-program.js'

/** System calls that change a file system by themselves; opening is judged by its flags. */
const MUTATING = [
  'creat,mkdir,mkdirat,mknod,mknodat,link,linkat,symlink,symlinkat,rename,renameat,renameat2,unlink,unlinkat,rmdir',
  'chmod,fchmod,fchmodat,chown,fchown,lchown,fchownat,truncate,ftruncate,setxattr,lsetxattr,fsetxattr,utimensat,mount',
  'init_module,finit_module,delete_module',
].join(',')

/**
 * Runs a program under strace and tells which of its system calls changed a file system, device nodes excepted.
 * @returns undefined for `calls` when strace cannot be used here
 */
export async function writtenFiles(
  command: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<{ readonly result: ProgramResult; readonly calls: readonly string[] | undefined }> {
  const folder = await mkdtemp(join(tmpdir(), 'janus-strace-'))
  try {
    const log = join(folder, 'calls')
    const trace = ['-f', '-qq', '-s', '256', '-o', log, '-e', `trace=open,openat,openat2,${MUTATING}`]
    const usable = await runProgram('strace', [...trace, 'true'], options)
    if (usable.exitCode !== 0) return { result: await runProgram(command, args, options), calls: undefined }
    const result = await runProgram('strace', [...trace, command, ...args], options)
    return { result, calls: (await readFile(log, 'utf8')).split('\n').filter(mutates) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function mutates(line: string): boolean {
  const call = /^\d+\s+(\w+)\((.*)/.exec(line)
  if (!call || / = -1 /.test(line)) return false
  const [, name = '', rest = ''] = call
  if (!name.startsWith('open')) return true
  const writes = /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(rest)
  return writes && !/"\/dev\//.test(rest)
}
