import { describe, expect, it } from 'vitest'
import { editFiles } from '../../../src/boot/command-line/edit-files.js'
import { entryLine, onlyLine, withOptionsLine } from '../../../src/boot/command-line/entry-files.js'
import type { SourceLine } from '../../../src/boot/command-line/source-line.js'

const REQUEST = { set: [{ name: 'intel_iommu', value: 'on' }], why: 'x' }

function edited(text: string, parse: (path: string, text: string) => SourceLine | undefined): string | undefined {
  const lines = (texts: ReadonlyMap<string, string>) =>
    [parse('/f', texts.get('/f') ?? '')].filter((one) => one !== undefined)
  return editFiles(new Map([['/f', text]]), lines, REQUEST).get('/f')
}

describe('an entry of systemd-boot', () => {
  it.each([
    ['linux /a\noptions quiet\n', 'linux /a\noptions quiet intel_iommu=on\n'],
    ['linux /a\noptions quiet', 'linux /a\noptions quiet intel_iommu=on'],
    ['linux /a\r\noptions\tquiet\r\ninitrd /b\r\n', 'linux /a\r\noptions\tquiet intel_iommu=on\r\ninitrd /b\r\n'],
    ['options a  \noptions b\n# options c\n', 'options a  \noptions b intel_iommu=on\n# options c\n'],
    ['options intel_iommu=off a\noptions b\n', 'options intel_iommu=on a\noptions b\n'],
    ['  options   a\n', '  options   a intel_iommu=on\n'],
    ['title x options y\noptions a\xff\n', 'title x options y\noptions a\xff intel_iommu=on\n'],
  ])('%j becomes %j', (before, after) => {
    expect(edited(before, entryLine)).toBe(after)
  })

  it('without options gets a line for them', () => {
    expect(edited(withOptionsLine('linux /a'), entryLine)).toBe('linux /a\noptions intel_iommu=on\n')
  })

  it('with a variable of GRUB is refused with its line', () => {
    expect(() => entryLine('/e', 'linux /a\noptions $kernelopts\n')).toThrow('/e, line 2')
  })
})

describe('a file of one line', () => {
  it.each([
    ['root=a', 'root=a intel_iommu=on'],
    ['root=a\n', 'root=a intel_iommu=on\n'],
    ['\n  root=a  \n\n', '\n  root=a intel_iommu=on  \n\n'],
    ['', 'intel_iommu=on'],
  ])('%j becomes %j', (before, after) => {
    expect(edited(before, onlyLine)).toBe(after)
  })

  it.each([
    ['a\nb\n', 2],
    ['# a\nb\n', 1],
  ])('with a comment or a second line is refused: %j', (text, line) => {
    expect(() => onlyLine('/f', text)).toThrow(`/f, line ${line}`)
  })
})
