/**
 * Which rows a person asks for.
 * @param patterns a part of an id each, in which `*` stands for anything: `sandbox`, `start-up.*.wall`; none wants all
 */
export function wantedRows(patterns: readonly string[]): (id: string) => boolean {
  if (patterns.length === 0) return () => true
  const expressions = patterns.map((pattern) => new RegExp(pattern.split('*').map(literally).join('.*')))
  return (id) => expressions.some((expression) => expression.test(id))
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
