import { configProblem } from '../config-text/config-problem.js'
import { readConfigText } from '../config-text/read-config-text.js'
import type { Profile } from '../contract/profile.js'
import { profileFileSchema } from '../contract/profile-schema.js'

/** Members by the depth at which they are looked for: of the file, and of one of its modules. */
const MEMBERS = { file: Object.keys(profileFileSchema.shape), module: ['module', 'options', 'after'] } as const

/**
 * Reads the text of a profile, see {@link readConfigText}.
 * @param text untrusted
 * @param path for messages; one that ends in `.json` must be JSON
 * @throws JANUS_CONFIG_INVALID naming file, line and column, the member, and the nearest known name
 */
export async function parseProfile(text: string, path: string): Promise<Profile> {
  const read = await readConfigText(text, path)
  if (typeof read.value !== 'object' || read.value === null) {
    throw read.invalid('a profile is a map with schema, name, modules', read.positionOf([]))
  }
  const parsed = profileFileSchema.safeParse(read.value)
  if (!parsed.success)
    throw configProblem(read, parsed.error, (path) => (path.length === 0 ? MEMBERS.file : MEMBERS.module))
  const { $schema: _, ...profile } = parsed.data
  return profile as Profile
}
