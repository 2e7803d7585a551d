/** Ids and types of modules: `gpu-vfio`. */
export const KEBAB_CASE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/

/** Names of commands that packages add: one or two words in kebab-case. */
export const COMMAND_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*( [a-z][a-z0-9]*(-[a-z0-9]+)*)?$/

/** Versions: MAJOR.MINOR.PATCH, with what may follow it. */
export const SEMVER = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/
