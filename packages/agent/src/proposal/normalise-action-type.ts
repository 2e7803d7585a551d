/**
 * The one form of an action type: `HTTPServer setup!` is `httpserver_setup`, `!!!` is `unknown`. A word begins where a capital letter follows a small one
 * or a digit; everything but ASCII letters and digits separates words.
 */
export function normaliseActionType(text: string): string {
  const words = text
    .trim()
    .replace(/([a-z0-9])(?=[A-Z])/g, '$1_')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase()
  return words === '' ? 'unknown' : words
}
