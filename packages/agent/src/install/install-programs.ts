import type { Query } from '@janus/core'

/** The programs that the installation, or the agent, starts: absolute paths; undefined: not on PATH. */
export interface InstallPrograms {
  readonly janus: string | undefined
  readonly systemctl: string | undefined
  readonly sysusers: string | undefined
  readonly groupadd: string | undefined
  readonly useradd: string | undefined
  readonly userdel: string | undefined
  readonly groupdel: string | undefined
  readonly apparmorParser: string | undefined
  readonly bwrap: string | undefined
  readonly prlimit: string | undefined
  readonly nsenter: string | undefined
  readonly socat: string | undefined
  readonly notify: string | undefined
}

const NAMES: Readonly<Record<keyof InstallPrograms, string>> = {
  janus: 'janus',
  systemctl: 'systemctl',
  sysusers: 'systemd-sysusers',
  groupadd: 'groupadd',
  useradd: 'useradd',
  userdel: 'userdel',
  groupdel: 'groupdel',
  apparmorParser: 'apparmor_parser',
  bwrap: 'bwrap',
  prlimit: 'prlimit',
  nsenter: 'nsenter',
  socat: 'socat',
  notify: 'systemd-notify',
}

/** A program that the agent cannot do without, or can do less without. */
export interface Dependency {
  readonly program: keyof InstallPrograms
  readonly name: string
  /** Package of Debian and Ubuntu; the others call it the same or name it in their search. */
  readonly package: string
  readonly isNeeded: boolean
  readonly purpose: string
}

/** What the distribution has to bring. It is named and not installed: what a package brings no plan could undo. */
export const DEPENDENCIES: readonly Dependency[] = [
  {
    program: 'bwrap',
    name: 'bwrap',
    package: 'bubblewrap',
    isNeeded: true,
    purpose: 'no tool runs without the sandbox',
  },
  {
    program: 'prlimit',
    name: 'prlimit',
    package: 'util-linux',
    isNeeded: true,
    purpose: 'it sets the limits of a tool',
  },
  {
    program: 'notify',
    name: 'systemd-notify',
    package: 'systemd',
    isNeeded: false,
    purpose: 'it tells systemd that the agent is ready and alive',
  },
  {
    program: 'nsenter',
    name: 'nsenter',
    package: 'util-linux',
    isNeeded: false,
    purpose: 'no tool can be given a network without it',
  },
  {
    program: 'socat',
    name: 'socat',
    package: 'socat',
    isNeeded: false,
    purpose: 'no tool can be given a network without it',
  },
]

/** Looks for all of them on PATH; nothing is started. */
export async function findPrograms(query: Query): Promise<InstallPrograms> {
  const found = await Promise.all(
    Object.entries(NAMES).map(async ([key, name]) => {
      const answer = await query('program', { name })
      return [key, answer.available ? (answer.path ?? undefined) : undefined] as const
    }),
  )
  return Object.fromEntries(found) as unknown as InstallPrograms
}
