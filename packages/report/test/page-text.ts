/** What is read of HTML: a line per block, without tags, entities resolved. */
export function textOf(html: string): string {
  return html
    .replace(/<(?:\/(?:p|li|h\d|td|th|dt|dd|caption|summary|div|tr)|br)>/g, '\n')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/\n\s*/g, '\n')
    .trim()
}

/** The HTML of one section of a page. */
export function sectionOf(html: string, id: string): string {
  return new RegExp(`<section id="${id}"[\\s\\S]*?</section>`).exec(html)?.[0] ?? ''
}

/** The HTML of the card of a group, in the section on binding. */
export function cardOf(html: string, group: string): string {
  return new RegExp(`<article class="card" id="outlook-${group}"[\\s\\S]*?</article>`).exec(html)?.[0] ?? ''
}
