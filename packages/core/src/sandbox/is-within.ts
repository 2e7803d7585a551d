/** True for a directory itself and for what lies below it; both are absolute and normalised. */
export function isWithin(directory: string, path: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`)
}
