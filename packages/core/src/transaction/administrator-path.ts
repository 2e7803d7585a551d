/** Where the programs of an administrator are looked for: the environment of the caller never decides. */
export const ADMINISTRATOR_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'
