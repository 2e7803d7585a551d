import { describe, expect, test } from 'vitest'
import { renderDiagnostic } from '../../src/render/diagnostic.js'
import { createPalette } from '../../src/render/palette.js'
import { HOSTILE } from '../fixtures/reports.js'

const palette = createPalette(false)
const shown = (summary: string): string =>
  renderDiagnostic(palette, { severity: 'error', code: 'JANUS_OPTIONS_INVALID', module: 'fan', summary }).printable

describe('a remark about a module', () => {
  test('begins with its id where the sentence does not name it', () => {
    expect(shown('it failed')).toBe('error fan: it failed [JANUS_OPTIONS_INVALID]')
    expect(shown('fans turn')).toBe('error fan: fans turn [JANUS_OPTIONS_INVALID]')
    expect(shown('the options of fan are not valid: speed: too fast')).toBe(
      'error the options of fan are not valid: speed: too fast [JANUS_OPTIONS_INVALID]',
    )
  })

  test('is not obeyed by a terminal', () => {
    expect(shown(HOSTILE)).not.toContain('\u001b')
  })
})
