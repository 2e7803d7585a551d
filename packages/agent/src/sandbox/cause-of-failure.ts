import { isJanusError } from '@janus/core'

/** Why no sandbox could be set up, and the way out. */
export interface SandboxFailure {
  readonly because: string
  readonly remedy: string | null
}

/** kernel.apparmor_restrict_unprivileged_userns: Ubuntu 23.10 and later. */
const RESTRICTION = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns'

/**
 * Names the cause where the machine tells it: bubblewrap says the same of every refused user namespace, and AppArmor is the one that a profile mends.
 * @param read text of a file of the machine, empty when there is none
 */
export function causeOfFailure(error: unknown, read: (path: string) => string): SandboxFailure {
  const because = error instanceof Error ? error.message : String(error)
  const remedy = (isJanusError(error) ? error.remedy : undefined) ?? null
  const isRefused = isJanusError(error) && error.data?.cause === 'user-namespaces'
  if (!isRefused || read(RESTRICTION) !== '1') return { because, remedy }
  return {
    because: `AppArmor restricts user namespaces (${RESTRICTION} is 1), and no profile lets bubblewrap make them: ${because}`,
    remedy: 'Load a profile that lets it: `janus agent install` plans it where there is none.',
  }
}
