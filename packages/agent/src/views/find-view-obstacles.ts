import { access, constants } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf } from '@janus/core/state'
import type { ViewPaths } from './view-paths.js'
import type { ViewProblem } from './view-set.js'

/** Why views could not be written, as far as it is known without writing: for who only reads. */
export async function findViewObstacles(paths: ViewPaths): Promise<readonly ViewProblem[]> {
  const found = await Promise.all(
    Object.values(paths).map(async (path: string): Promise<ViewProblem | undefined> => {
      try {
        await access(dirname(path), constants.W_OK | constants.X_OK)
        return undefined
      } catch (error) {
        const isAbsent = errnoOf(error) === 'ENOENT'
        return { path, summary: isAbsent ? 'its directory does not exist' : 'its directory may not be written' }
      }
    }),
  )
  return found.filter((each) => each !== undefined)
}
