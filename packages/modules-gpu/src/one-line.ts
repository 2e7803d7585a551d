/**
 * Untrusted text as one printable line: control characters become a space, so that a name found on the host cannot
 * break a line of a plan.
 * @param text text from sysfs, procfs or a process name
 */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, 400)
}
