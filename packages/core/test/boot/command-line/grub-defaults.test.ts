import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editFiles } from '../../../src/boot/command-line/edit-files.js'
import { grubLine } from '../../../src/boot/command-line/grub-defaults.js'
import { lineText } from '../../../src/boot/command-line/source-line.js'

const PATH = '/etc/default/grub'

function line(...texts: string[]): string | undefined {
  const found = grubLine(new Map(texts.map((text, index) => [index === 0 ? PATH : `${PATH}.d/${index}.cfg`, text])))
  return found === undefined ? undefined : lineText(found)
}

function edited(...texts: string[]): readonly string[] {
  const files = new Map(texts.map((text, index) => [index === 0 ? PATH : `${PATH}.d/${index}.cfg`, text]))
  const request = { set: [{ name: 'intel_iommu', value: 'on' }], why: 'x' }
  return [...editFiles(files, (now) => [grubLine(now)].filter((one) => one !== undefined), request).values()]
}

describe('the settings of GRUB', () => {
  it.each([
    ['GRUB_CMDLINE_LINUX="a b"', 'a b'],
    ["GRUB_CMDLINE_LINUX='a b'", 'a b'],
    ['GRUB_CMDLINE_LINUX=a\\ b', 'a b'],
    ['GRUB_CMDLINE_LINUX=a" b"\' c\'', 'a b c'],
    ['GRUB_CMDLINE_LINUX="a \\\n b"', 'a  b'],
    ['GRUB_CMDLINE_LINUX="x=\\"a b\\" \\$c \\d"', 'x="a b" $c \\d'],
    ['GRUB_CMDLINE_LINUX=a\nGRUB_CMDLINE_LINUX+=" b"', 'a b'],
    ['GRUB_CMDLINE_LINUX=a\nGRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX b"', 'a b'],
    ['GRUB_CMDLINE_LINUX=a # b', 'a'],
    ['GRUB_CMDLINE_LINUX=a#b', 'a#b'],
    ['GRUB_CMDLINE_LINUX=a; GRUB_CMDLINE_LINUX=b', 'b'],
    ['export GRUB_CMDLINE_LINUX=a', 'a'],
    ['GRUB_CMDLINE_LINUX_DEFAULT=b\nGRUB_CMDLINE_LINUX=a', 'a b'],
    ['#GRUB_CMDLINE_LINUX=a', undefined],
    ['if true; then echo hello; fi\nGRUB_CMDLINE_LINUX=a', 'a'],
    ['X=$(echo "GRUB )" | tr -d \')\')\nGRUB_CMDLINE_LINUX=a', 'a'],
  ])('%j come to %j', (text, expected) => {
    expect(line(text)).toBe(expected)
  })

  it('are overridden by the files of grub.d, in their order', () => {
    expect(
      line(
        'GRUB_CMDLINE_LINUX_DEFAULT=quiet',
        'GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT crashkernel=1G"',
      ),
    ).toBe('quiet crashkernel=1G')
    expect(line('GRUB_CMDLINE_LINUX_DEFAULT=quiet', 'GRUB_CMDLINE_LINUX_DEFAULT=console=tty1')).toBe('console=tty1')
  })

  it.each([
    ['\nGRUB_CMDLINE_LINUX="$(cat /proc/cmdline)"', 2],
    ['GRUB_CMDLINE_LINUX="a $OTHER"', 1],
    ['GRUB_CMDLINE_LINUX=`uname`', 1],
    ["GRUB_CMDLINE_LINUX=$'a\\x20b'", 1],
    ['if true; then\n  GRUB_CMDLINE_LINUX=a\nfi', 2],
    ['true && GRUB_CMDLINE_LINUX=a', 1],
    ['f() {\nGRUB_CMDLINE_LINUX=a\n}', 2],
    ['. /etc/other', 1],
    ['a=1\neval x', 2],
    ['unset GRUB_CMDLINE_LINUX', 1],
    ['cat <<END\nGRUB_CMDLINE_LINUX=a\nEND', 1],
    ['GRUB_CMDLINE_LINUX="a', 1],
    ['GRUB_CMDLINE_LINUX="a"\r\n', 1],
    ['GRUB_CMDLINE_LINUX="a\nb"', 1],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's.
    ['X=${GRUB_CMDLINE_LINUX:=a}', 1],
  ])('that only a shell could tell are refused with their line: %j', (text, number) => {
    expect(() => line(text)).toThrow(`/etc/default/grub, line ${number}:`)
  })
})

describe('an edit of them', () => {
  it.each([
    ['GRUB_CMDLINE_LINUX_DEFAULT="quiet"\n', 'GRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=on"\n'],
    ["GRUB_CMDLINE_LINUX_DEFAULT='quiet'", "GRUB_CMDLINE_LINUX_DEFAULT='quiet intel_iommu=on'"],
    ['GRUB_CMDLINE_LINUX_DEFAULT=quiet # why', 'GRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=on" # why'],
    ['GRUB_CMDLINE_LINUX_DEFAULT=', 'GRUB_CMDLINE_LINUX_DEFAULT="intel_iommu=on"'],
    ['GRUB_CMDLINE_LINUX_DEFAULT=""', 'GRUB_CMDLINE_LINUX_DEFAULT="intel_iommu=on"'],
    ['GRUB_CMDLINE_LINUX_DEFAULT="quiet "', 'GRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=on"'],
    ['GRUB_CMDLINE_LINUX_DEFAULT=a\\ b', 'GRUB_CMDLINE_LINUX_DEFAULT=a\\ b" intel_iommu=on"'],
    ['GRUB_CMDLINE_LINUX_DEFAULT=intel_iommu=off', 'GRUB_CMDLINE_LINUX_DEFAULT=intel_iommu=on'],
    [
      'GRUB_CMDLINE_LINUX_DEFAULT=q\nGRUB_CMDLINE_LINUX_DEFAULT+=" z"',
      'GRUB_CMDLINE_LINUX_DEFAULT=q\nGRUB_CMDLINE_LINUX_DEFAULT+=" z intel_iommu=on"',
    ],
    [
      'GRUB_CMDLINE_LINUX="intel_iommu=off"\nGRUB_CMDLINE_LINUX_DEFAULT="q"',
      'GRUB_CMDLINE_LINUX="intel_iommu=on"\nGRUB_CMDLINE_LINUX_DEFAULT="q"',
    ],
    ['GRUB_CMDLINE_LINUX="q"\n', 'GRUB_CMDLINE_LINUX="q intel_iommu=on"\n'],
    [
      'GRUB_CMDLINE_LINUX="q"\nGRUB_CMDLINE_LINUX_DEFAULT=""\n',
      'GRUB_CMDLINE_LINUX="q"\nGRUB_CMDLINE_LINUX_DEFAULT="intel_iommu=on"\n',
    ],
    ['GRUB_CMDLINE_LINUX="a -- b"', 'GRUB_CMDLINE_LINUX="a intel_iommu=on -- b"'],
    ['GRUB_CMDLINE_LINUX="-- b"', 'GRUB_CMDLINE_LINUX="intel_iommu=on -- b"'],
  ])('of %j makes %j', (before, after) => {
    expect(edited(before)).toEqual([after])
  })

  it('goes to the file that counts', () => {
    expect(edited('GRUB_CMDLINE_LINUX_DEFAULT=quiet', 'GRUB_CMDLINE_LINUX_DEFAULT="console=tty1"')).toEqual([
      'GRUB_CMDLINE_LINUX_DEFAULT=quiet',
      'GRUB_CMDLINE_LINUX_DEFAULT="console=tty1 intel_iommu=on"',
    ])
    expect(
      edited(
        'GRUB_CMDLINE_LINUX_DEFAULT=intel_iommu=off',
        'GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT z"',
      ),
    ).toEqual([
      'GRUB_CMDLINE_LINUX_DEFAULT=intel_iommu=on',
      'GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT z"',
    ])
  })

  it('is refused behind a quote that the kernel would not see the end of', () => {
    expect(() => edited('GRUB_CMDLINE_LINUX_DEFAULT=\\"a')).toThrow('a double quote does not end')
  })

  it('keeps every other byte, in every quoting, and is the same when it is made again', () => {
    const piece = fc.constantFrom('a', 'quiet ', '"x y"', "'z'", '\\x', '" intel_iommu=off "', ' # c', '\\"', '""', '#')
    const value = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('').replace(/ #.*$/, ''))
    const other = fc.constantFrom('# comment \xe4\n', '\n', 'GRUB_TIMEOUT=5\n', "GRUB_X='\n'\n", 'X=`date`\n')
    const script = fc.tuple(fc.array(other), value, fc.array(other)).map(([before, one, after]) => {
      const safe = one.includes(' ') && !/["']/.test(one) ? `"${one}"` : one
      return { before: before.join(''), value: `GRUB_CMDLINE_LINUX_DEFAULT=${safe}`, after: `\n${after.join('')}` }
    })
    fc.assert(
      fc.property(script, ({ before, value, after }) => {
        const text = `${before}${value}${after}`
        let current: string | undefined
        try {
          current = line(text)
        } catch {
          fc.pre(false)
        }
        fc.pre(current !== undefined && current.split('"').length % 2 === 1)
        const [once = ''] = edited(text)
        expect(once.startsWith(before) && once.endsWith(after)).toBe(true)
        expect(edited(once)).toEqual([once])
        const words = (one: string | undefined) =>
          (one ?? '').split(/\s+/).filter((word) => !word.startsWith('intel_iommu=') && word !== '')
        expect(words(line(once))).toEqual(words(current))
        expect(line(once)).toContain('intel_iommu=on')
      }),
    )
  })
})
