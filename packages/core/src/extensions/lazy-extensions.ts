import type { Extensions } from '../contract/extensions.js'

/** Extensions whose code is imported when they are asked for the first time. */
export function createLazyExtensions(directory: string, create: () => Promise<Extensions>): Extensions {
  let created: Promise<Extensions> | undefined
  const all = (): Promise<Extensions> => {
    created ??= create()
    return created
  }
  return {
    directory,
    list: async () => (await all()).list(),
    find: async (name) => (await all()).find(name),
    preview: async (spec) => (await all()).preview(spec),
    add: async (preview, settings) => (await all()).add(preview, settings),
    remove: async (name) => (await all()).remove(name),
    reviewTrust: async (module) => (await all()).reviewTrust(module),
    trust: async (review) => (await all()).trust(review),
  }
}
