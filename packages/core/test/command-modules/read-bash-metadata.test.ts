import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { metadataProblem } from '../../src/command-modules/program-metadata.js'
import { readBashMetadata } from '../../src/command-modules/read-bash-metadata.js'

describe('metadata in the text of a bash module', () => {
  it('is read from plain assignments in every quoting, without running anything', () => {
    const text = [
      '#!/usr/bin/env bash',
      '# JANUS_MODULE_ID="in-a-comment"',
      'JANUS_MODULE_TYPE="gpu"',
      "export JANUS_MODULE_ID='one-two'",
      'readonly JANUS_MODULE_VERSION=1.2.3   # why',
      'declare -r JANUS_MODULE_COMPAT_API="1";',
      'JANUS_MODULE_SUMMARY="Two words: $5 is no price" # not plain',
    ].join('\n')
    expect(readBashMetadata(text)).toEqual({
      type: 'gpu',
      id: 'one-two',
      version: '1.2.3',
      compatApi: '1',
      problem: 'line 7 computes JANUS_MODULE_SUMMARY: it must be a plain value on a line of its own',
    })
  })

  it('is read from lines that end in CR LF, and behind a byte order mark', () => {
    expect(readBashMetadata('\uFEFFJANUS_MODULE_ID="x"\r\nJANUS_MODULE_TYPE=y\r\n')).toEqual({ id: 'x', type: 'y' })
  })

  it.each([
    'JANUS_MODULE_ID="$(cat id)"',
    'JANUS_MODULE_ID=`cat id`',
    'JANUS_MODULE_ID=$NAME',
    'JANUS_MODULE_ID="a\\"b"',
    "JANUS_MODULE_ID=$'a'",
    'JANUS_MODULE_ID="a""b"',
    'JANUS_MODULE_ID+=b',
    'JANUS_MODULE_ID[0]=b',
    '  JANUS_MODULE_ID="indented"',
    'if true; then JANUS_MODULE_ID="b"; fi',
    'JANUS_MODULE_TYPE=a JANUS_MODULE_ID=b',
    'JANUS_MODULE_ID="a" janus_something',
    'JANUS_MODULE_ID="two\nlines"',
  ])('is refused where it is not a plain value: %s', (line) => {
    expect(readBashMetadata(`first\n${line}`).problem).toContain('line 2 computes JANUS_MODULE_')
  })

  it('may be stated twice, but not differently', () => {
    expect(readBashMetadata('JANUS_MODULE_ID=a\nJANUS_MODULE_ID="a"').problem).toBeUndefined()
    expect(readBashMetadata('JANUS_MODULE_ID=a\nJANUS_MODULE_ID="b"').problem).toContain(
      'line 2 states JANUS_MODULE_ID',
    )
  })

  it('comes back as it was written, whatever text surrounds it', () => {
    const value = fc.stringMatching(/^[ !#%-[\]-_a-~]{0,40}$/)
    const other = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('JANUS_MODULE_', ''))
    fc.assert(
      fc.property(value, fc.array(other), fc.array(other), (id, before, after) => {
        const text = [...before, `JANUS_MODULE_ID="${id}"`, ...after].join('\n')
        expect(readBashMetadata(text)).toEqual({ id })
      }),
    )
  })

  it('never throws and never ends in a value that spans lines', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), (noise) => {
        const { id = '' } = readBashMetadata(`JANUS_MODULE_ID=${noise}`)
        expect(id).not.toContain('\n')
      }),
    )
  })
})

describe('stated metadata', () => {
  const good = { id: 'fan-curve', type: 'host', version: '1.0.0', compatApi: '1' }

  it('is complete and well formed, or the first problem is named', () => {
    expect(metadataProblem(good)).toBeUndefined()
    const problems = [
      [{}, 'it states no type, id, version, compat_api'],
      [{ ...good, id: 'Fan Curve' }, 'id "Fan Curve" is not kebab-case'],
      [{ ...good, type: 'ho\u001bst' }, 'type "ho\\u001bst" is not kebab-case'],
      [{ ...good, version: '1.0' }, 'version "1.0" is not MAJOR.MINOR.PATCH'],
      [{ ...good, compatApi: 'one' }, 'compat_api "one" is not a number'],
    ] as const
    for (const [stated, what] of problems)
      expect(metadataProblem(stated)).toEqual({ code: 'JANUS_MODULE_METADATA_INVALID', what })
  })

  it('for another Module API has a code of its own', () => {
    const what = 'it is written for Module API 2, this core speaks 1'
    expect(metadataProblem({ ...good, compatApi: '2' })).toEqual({ code: 'JANUS_MODULE_API_UNSUPPORTED', what })
  })
})
