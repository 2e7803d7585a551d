import { visibleLine } from './visible-text.js'

/**
 * The beginning of somebody's text for a cell of a table: as {@link visibleLine} shows it, cut to so many characters.
 * @param most characters, the three dots of a text that was cut included
 */
export function shortLine(text: string, most: number): string {
  const characters = [...visibleLine(text)]
  return characters.length > most ? `${characters.slice(0, most - 3).join('')}...` : characters.join('')
}
