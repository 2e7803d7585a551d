import { spawn } from 'node:child_process'

/** True when the tests may run programs as other users. */
export const canBeAnybody = process.getuid?.() === 0

/**
 * Runs a program of Node as another user.
 * @param uid number of the user, also of the group
 * @param source module; what it prints is the answer
 */
export function asUser(uid: number, source: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
      uid,
      gid: uid,
      cwd: '/',
      env: {},
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text
    })
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve(out.trim()) : reject(new Error(err))))
  })
}
