import { access, constants } from 'node:fs/promises'

/** The sandbox of Debian's package bubblewrap. */
export const BUBBLEWRAP = '/usr/bin/bwrap'

/** Why what needs bubblewrap cannot be measured. */
export async function withoutBubblewrap(): Promise<string | undefined> {
  return access(BUBBLEWRAP, constants.X_OK).then(
    () => undefined,
    () => `${BUBBLEWRAP} is no program that can be run: apt install bubblewrap`,
  )
}
