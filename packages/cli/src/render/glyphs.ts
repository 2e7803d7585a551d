/** What lines of a tree are drawn with. */
export interface Glyphs {
  /** Before a child that others follow, and under it. */
  readonly branch: string
  readonly beside: string
  /** Before the last child, and under it. */
  readonly corner: string
  readonly below: string
  /** Between two bridges of which one leads to the other. */
  readonly leadsTo: string
}

const UNICODE: Glyphs = { branch: '├─ ', beside: '│  ', corner: '└─ ', below: '   ', leadsTo: ' › ' }
const ASCII: Glyphs = { branch: '|- ', beside: '|  ', corner: '`- ', below: '   ', leadsTo: ' > ' }

/** The characters of a drawing. */
export function glyphsOf({ unicode }: { readonly unicode: boolean }): Glyphs {
  return unicode ? UNICODE : ASCII
}
