import { type Change, type Condition, type Host, janusError, type UndoChange } from '@janus/core'
import type { InstallPrograms } from './install-programs.js'

/** The user that the agent runs as. */
export interface Account {
  readonly name: string
  readonly group: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  readonly isThere: boolean
}

const PASSWD = '/etc/passwd'
const GROUP = '/etc/group'
const SYSUSERS = '/etc/sysusers.d'
const CONFIGURATION = `${SYSUSERS}/janus-agent.conf`
/** System users by login.defs(5); the newest get the highest numbers, as systemd-sysusers gives them. */
const HIGHEST = 999
const LOWEST = 100
const TIMEOUT = 60_000

/**
 * The user as it is, or as it is to be: its number is chosen here, so that the plan says whose every file will be.
 * @throws JANUS_HOST_UNFIT when a group of its name is there without it, or no number is free; JANUS_HOST_UNREADABLE
 */
export async function readAccount(
  host: Host,
  wanted: { readonly user: string; readonly home: string },
): Promise<Account> {
  const { user: name } = wanted
  if (name === 'root') return { name, group: name, uid: 0, gid: 0, home: '/root', isThere: true }
  const [users, groups] = await Promise.all([readTable(host, PASSWD), readTable(host, GROUP)])
  const present = users.find((fields) => fields[0] === name)
  if (present !== undefined) {
    const [uid, gid] = [Number(present[2]), Number(present[3])]
    const group = groups.find((fields) => fields[2] === present[3])?.[0] ?? String(gid)
    if (uid === 0) throw unfit(`the user ${name} is root by another name`, PASSWD, 'Choose another user.')
    requireService(name, uid, present[6] ?? '')
    return { name, group, uid, gid, home: present[5] ?? wanted.home, isThere: true }
  }
  if (groups.some((fields) => fields[0] === name)) {
    const remedy = `Remove the group (groupdel ${name}), or choose another user.`
    throw unfit(`there is a group ${name} without a user of that name`, GROUP, remedy)
  }
  const taken = new Set([...users, ...groups].map((fields) => fields[2]))
  for (let id = HIGHEST; id >= LOWEST; id -= 1) {
    if (!taken.has(String(id))) return { name, group: name, uid: id, gid: id, home: wanted.home, isThere: false }
  }
  throw unfit(`no number from ${LOWEST} to ${HIGHEST} is free for a system user`, PASSWD, 'Make the user yourself.')
}

/** What a user is made with. */
export interface AccountMeans {
  readonly programs: InstallPrograms
  /** Directories of its own. While one is left, so is the user: the next one with its number would own what is in them. */
  readonly keeps: readonly string[]
}

/**
 * The changes that make the user: an entry for sysusers.d(5), which every system with systemd has, else the programs of shadow-utils.
 * @throws JANUS_HOST_UNFIT where neither is there
 */
export async function accountChanges(
  host: Host,
  account: Account,
  { programs, keeps }: AccountMeans,
): Promise<readonly Change[]> {
  if (account.isThere) return []
  const shell = await noLogin(host)
  const removal = accountRemoval(account.name, programs, await absentOf(host, keeps))
  if (programs.sysusers !== undefined) return bySysusers(host, account, shell, programs.sysusers, removal)
  const { groupadd, useradd } = programs
  if (groupadd === undefined || useradd === undefined) {
    throw unfit('neither systemd-sysusers nor useradd is there', '/usr/sbin', 'Make the user yourself.')
  }
  const { name, uid, gid, home } = account
  const words = ['--system', '--uid', String(uid), '--gid', String(gid), '--home-dir', home, '--no-create-home']
  return [
    {
      ...command(groupadd, ['--system', '--gid', String(gid), name], `make the group ${name}`),
      verify: [{ kind: 'contains', path: GROUP, value: `\n${name}:` }],
      undo: [removal.group],
    },
    {
      ...command(useradd, [...words, '--shell', shell, '--no-log-init', name], `make the user ${name} (${uid})`),
      verify: [{ kind: 'contains', path: PASSWD, value: `\n${name}:x:${uid}:${gid}:` }],
      undo: [removal.user],
    },
  ]
}

async function bySysusers(
  host: Host,
  { name, uid, gid, home }: Account,
  shell: string,
  sysusers: string,
  removal: AccountRemoval,
): Promise<readonly Change[]> {
  const directory: Change = {
    kind: 'create-directory',
    path: SYSUSERS,
    mode: 0o755,
    owner: { uid: 0, gid: 0 },
    why: 'the place of system users',
    scope: 'persistent',
  }
  const content = [
    '# Written by Janus (agent-install). To undo it: janus agent install --uninstall.',
    `g ${name} ${gid}`,
    `u ${name} ${uid}:${gid} "Janus agent" ${home} ${shell}`,
    '',
  ].join('\n')
  return [
    ...((await host.exists(SYSUSERS)) ? [] : [directory]),
    {
      kind: 'write-file',
      path: CONFIGURATION,
      content: { text: content },
      mode: 0o644,
      owner: { uid: 0, gid: 0 },
      why: `the user ${name}, without a password and without a shell`,
      // What counts is the user, once it is made.
      verify: [],
      scope: 'persistent',
    },
    {
      ...command(sysusers, [CONFIGURATION], `make the user ${name} (${uid}) and its group`),
      verify: [
        { kind: 'contains', path: PASSWD, value: `\n${name}:x:${uid}:${gid}:` },
        { kind: 'contains', path: GROUP, value: `\n${name}:x:${gid}:` },
      ],
      undo: [removal.user, removal.group],
    },
  ]
}

interface AccountRemoval {
  readonly user: UndoChange
  readonly group: UndoChange
}

/** userdel(8) takes the group along where it has no other members and login.defs(5) says so. */
function accountRemoval(
  name: string,
  { userdel = 'userdel', groupdel = 'groupdel' }: InstallPrograms,
  onlyWhen: readonly Condition[],
): AccountRemoval {
  const lacks = (path: string): readonly Condition[] => [{ kind: 'lacks', path, value: `\n${name}:` }]
  const removal = (program: string, path: string, what: string): UndoChange => ({
    ...command(program, [name], `undo: remove the ${what} ${name}`),
    ...(onlyWhen.length === 0 ? {} : { onlyWhen }),
    unless: lacks(path),
    verify: lacks(path),
  })
  return { user: removal(userdel, PASSWD, 'user'), group: removal(groupdel, GROUP, 'group') }
}

/** What was there before the user has nothing to do with it. */
async function absentOf(host: Host, paths: readonly string[]): Promise<readonly Condition[]> {
  const conditions: Condition[] = []
  for (const path of paths) if (!(await host.exists(path))) conditions.push({ kind: 'absent', path })
  return conditions
}

function command(program: string, args: readonly string[], why: string) {
  return { kind: 'run-command', command: program, args, timeout: TIMEOUT, why, scope: 'persistent' } as const
}

/** The agent decides nothing for people; as one of them it could answer its own questions. */
function requireService(name: string, uid: number, shell: string): void {
  if (/\/(nologin|false)$/.test(shell)) return
  const remedy = `Choose another user (--user), or take its shell away: usermod --shell /usr/sbin/nologin ${name}`
  throw unfit(`the user ${name} (${uid}) may log in (${shell || 'a shell by default'}): it is a person`, PASSWD, remedy)
}

async function noLogin(host: Host): Promise<string> {
  for (const path of ['/usr/sbin/nologin', '/sbin/nologin', '/usr/bin/nologin'])
    if (await host.exists(path)) return path
  return '/bin/false'
}

async function readTable(host: Host, path: string): Promise<readonly (readonly string[])[]> {
  const { value } = await host.readText(path)
  if (value === undefined) {
    throw janusError('JANUS_HOST_UNREADABLE', `${host.description} does not show ${path}`, { data: { path } })
  }
  return value
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'))
}

function unfit(message: string, path: string, remedy: string): Error {
  return janusError('JANUS_HOST_UNFIT', message, { data: { path }, remedy })
}
