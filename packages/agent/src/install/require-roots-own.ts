import { dirname } from 'node:path'
import { type Host, janusError } from '@janus/core'
import type { InstallSurvey } from './survey.js'

/** env(1) looks for the interpreter where systemd looks for programs, not where the shell of a person does; systemd.exec(5), `$PATH`. */
const SERVICE_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
const BY_ENV = /^#!\s*\/usr\/bin\/env\s+node\s/
const MOST_LINKS = 40
const STICKY = 0o1000

/**
 * Refuses an installation whose program or configuration somebody else than root could replace: the service would run what they say, under rules that they
 * wrote; the agent itself is such a somebody.
 * @throws JANUS_HOST_UNFIT naming the place; JANUS_HOST_UNREADABLE
 */
export async function requireRootsOwn({ host, options, unit, places }: InstallSurvey): Promise<void> {
  const program = await requireRootsPath(host, unit.program, 'the units start it')
  if (BY_ENV.test((await host.readText(program)).value ?? '')) await requireNode(host, program)
  const { config } = options
  await requireRootsPath(host, config, 'it says what the agent may do')
  const around = places.find(({ path, owner }) => owner === 'agent' && dirname(config).startsWith(`${path}/`))
  if (around === undefined || unit.user === 'root') return
  const message = `${config} lies in ${around.path}, which the agent owns: it could write its own rules`
  throw unfit(message, config, 'Keep it where only root writes: /etc/janus/agent.yaml.')
}

async function requireNode(host: Host, program: string): Promise<void> {
  for (const directory of SERVICE_PATH) {
    if (!(await host.exists(`${directory}/node`))) continue
    await requireRootsPath(host, `${directory}/node`, 'it is what the program of the units runs in')
    return
  }
  const message = `${program} runs in node, and there is none where a service looks: ${SERVICE_PATH.join(', ')}`
  throw unfit(
    message,
    program,
    'Install Node.js for everybody, or link it: ln -s "$(command -v node)" /usr/local/bin/node',
  )
}

/**
 * Every component of a path, as far as it is there, links followed one by one.
 * @returns the path without links
 */
async function requireRootsPath(host: Host, path: string, because: string): Promise<string> {
  let current = ''
  let ahead = namesOf(path)
  let links = 0
  while (ahead.length > 0) {
    const [name = '', ...rest] = ahead
    const next = `${current}/${name}`
    const { value: target } = await host.readLink(next)
    if (target !== undefined) {
      links += 1
      if (links > MOST_LINKS) throw unfit(`${path} leads through too many links`, path, `Name another path.`)
      current = ''
      ahead = [...namesOf(target), ...rest]
      continue
    }
    if (!(await isRoots(host, next, { path, because, isLast: rest.length === 0 }))) return path
    current = next
    ahead = rest
  }
  return current
}

async function isRoots(
  host: Host,
  at: string,
  { path, because, isLast }: { readonly path: string; readonly because: string; readonly isLast: boolean },
): Promise<boolean> {
  const { value, unreadable } = await host.stat(at)
  if (value === undefined && unreadable === undefined) return false
  const what = at === path ? at : `${at}, on the way to ${path},`
  if (value === undefined) {
    throw janusError('JANUS_HOST_UNREADABLE', `it cannot be known whose ${what} is: ${unreadable}`, {
      data: { path: at },
    })
  }
  if (value.uid !== 0) {
    throw unfit(
      `${what} belongs to user ${value.uid}, who could replace it, and ${because}`,
      at,
      `chown root:root ${at}`,
    )
  }
  const others = value.mode & (value.gid === 0 ? 0o002 : 0o022)
  const isProtected = (value.mode & STICKY) !== 0 && !isLast
  if (others === 0 || isProtected) return true
  throw unfit(`${what} may be written by others than root, and ${because}`, at, `chmod go-w ${at}`)
}

function namesOf(path: string): readonly string[] {
  return path.split('/').filter((name) => name !== '')
}

function unfit(message: string, path: string, remedy: string): Error {
  return janusError('JANUS_HOST_UNFIT', message, { data: { path }, remedy })
}
