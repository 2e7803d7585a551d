import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseOsRelease } from '../../src/host-tools/os-release.js'

describe('parseOsRelease', () => {
  it.each([
    ['plain', 'ID=debian', 'debian'],
    ['double quoted', 'ID="debian"', 'debian'],
    ['single quoted', "ID='debian'", 'debian'],
    ['escaped', 'ID="de\\"bi\\\\an"', 'de"bi\\an'],
    ['with a command in it, which stays text', 'ID="$(reboot)`reboot`"', '$(reboot)`reboot`'],
  ])('reads a value that is %s', (_, line, value) => {
    expect(parseOsRelease(`# comment\n${line}\n`).get('ID')).toBe(value)
  })

  it('gives back every value that was quoted as os-release(5) says', () => {
    const value = fc.string().filter((text) => !text.includes('\n'))
    fc.assert(
      fc.property(value, (text) => {
        const quoted = text.replace(/["\\$`]/g, '\\$&')
        expect(parseOsRelease(`NAME="${quoted}"`).get('NAME')).toBe(text)
      }),
    )
  })
})
