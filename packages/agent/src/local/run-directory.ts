import { join } from 'node:path'

/** Directory of the socket in a state directory. */
export function runDirectory(stateDirectory: string): string {
  return join(stateDirectory, 'run')
}
