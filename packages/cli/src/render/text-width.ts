import { stripVTControlCharacters } from 'node:util'

/** Drawn on the character before it. */
const COMBINING = /[\p{Mn}\p{Me}]/u
/** Two columns wide: the East Asian scripts and their full-width forms, and what is drawn as a picture. */
const WIDE = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60]/u

/** Columns that a text takes on a terminal; colours take none. */
export function textWidth(text: string): number {
  let width = 0
  for (const character of stripVTControlCharacters(text))
    width += COMBINING.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return width
}
