import type { Change, Host } from '@janus/core'
import type { InstallPrograms } from './install-programs.js'

/** Whether AppArmor lets ordinary users make user namespaces, which every sandbox needs. */
export type AppArmorState =
  /** It restricts nothing of the kind here. */
  | { readonly kind: 'open' }
  /** It does, and a profile lets bubblewrap do it. */
  | { readonly kind: 'allowed'; readonly profile: string }
  /** It does, and nothing lets bubblewrap do it. */
  | { readonly kind: 'restricted' }

/** `1`: only programs with a profile that says so make user namespaces with rights in them (Ubuntu 23.10 and later). */
export const RESTRICTION = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns'
const LOADED = '/sys/kernel/security/apparmor/profiles'
const DIRECTORY = '/etc/apparmor.d'
/** What apparmor-profiles has, not loaded by itself: it takes the rights away again from what bubblewrap runs. */
const SHIPPED = '/usr/share/apparmor/extra-profiles/bwrap-userns-restrict'
const LINK = `${DIRECTORY}/bwrap-userns-restrict`
const OWN = `${DIRECTORY}/janus-bwrap`
const TIMEOUT = 60_000

/** Looks at the restriction and at the profiles. What is loaded only root may read; the files count then. */
export async function readAppArmor(host: Host): Promise<AppArmorState> {
  if ((await host.readText(RESTRICTION)).value?.trim() !== '1') return { kind: 'open' }
  const loaded = await host.readText(LOADED)
  const name = loaded.value === undefined ? undefined : /^(bwrap|janus-bwrap)(?= )/m.exec(loaded.value)?.[1]
  if (name !== undefined) return { kind: 'allowed', profile: name }
  if (loaded.value !== undefined) return { kind: 'restricted' }
  for (const path of [LINK, OWN]) if (await host.exists(path)) return { kind: 'allowed', profile: path }
  return { kind: 'restricted' }
}

/** The changes that let bubblewrap make user namespaces: the profile of the distribution where it is, else one that says only this. */
export async function appArmorChanges(
  host: Host,
  state: AppArmorState,
  { apparmorParser = 'apparmor_parser', bwrap = '/usr/bin/bwrap' }: InstallPrograms,
): Promise<readonly Change[]> {
  if (state.kind !== 'restricted') return []
  const isShipped = await host.exists(SHIPPED)
  const path = isShipped ? LINK : OWN
  const isThere = await host.exists(path)
  const loaded = { kind: 'contains', path: LOADED, value: isShipped ? 'bwrap (' : 'janus-bwrap (' } as const
  const gone = { ...loaded, kind: 'lacks' } as const
  const why = 'let bubblewrap make user namespaces, which AppArmor restricts here'
  const file: Change = isShipped
    ? { kind: 'write-link', path, target: SHIPPED, why, scope: 'persistent' }
    : {
        kind: 'write-file',
        path,
        content: { text: profileText(bwrap) },
        mode: 0o644,
        owner: { uid: 0, gid: 0 },
        why,
        // What counts is that it is loaded.
        verify: [],
        scope: 'persistent',
      }
  const parser = { kind: 'run-command', command: apparmorParser, timeout: TIMEOUT, scope: 'persistent' } as const
  return [
    ...(isThere ? [] : [file]),
    {
      ...parser,
      args: ['-r', path],
      why: 'load the profile',
      verify: [loaded],
      undo: [
        {
          ...parser,
          args: ['-R', path],
          why: 'undo: take the profile out of the kernel',
          unless: [gone],
          verify: [gone],
        },
      ],
    },
  ]
}

function profileText(bwrap: string): string {
  return [
    '# Written by Janus (agent-install). To undo it: janus agent install --uninstall.',
    'abi <abi/4.0>,',
    'include <tunables/global>',
    '',
    `profile janus-bwrap ${bwrap} flags=(unconfined) {`,
    '  userns,',
    '  include if exists <local/janus-bwrap>',
    '}',
    '',
  ].join('\n')
}
