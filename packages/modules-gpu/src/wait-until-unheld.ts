import type { Change } from '@janus/core'

/** Longest list of conditions that a change may have. */
const MOST_CONDITIONS = 64
const COMMAND_TIMEOUT = 10_000

/**
 * A step that changes nothing and ends when nobody holds these device numbers open, in whatever container, or fails at the
 * deadline. The command only carries the conditions.
 * @param devices device numbers of character devices, `major:minor`
 * @param seconds the deadline
 */
export function waitUntilUnheld(
  devices: readonly string[],
  seconds: number,
  why: string,
  reveals: string | undefined,
): readonly Change[] {
  const chunks = Array.from({ length: Math.ceil(devices.length / MOST_CONDITIONS) }, (_, index) =>
    devices.slice(index * MOST_CONDITIONS, (index + 1) * MOST_CONDITIONS),
  )
  return chunks.map((chunk) => ({
    kind: 'run-command',
    command: 'true',
    args: [],
    timeout: COMMAND_TIMEOUT,
    why,
    verify: chunk.map((device) => ({ kind: 'unheld', path: `/dev/char/${device}` }) as const),
    verifyWithin: seconds * 1_000,
    scope: 'runtime',
    ...(reveals === undefined ? {} : { reveals }),
    undo: [],
  }))
}
