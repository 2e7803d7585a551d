import type { Change } from '../../../../src/contract/change.js'
import { isReadOnly, pagesModule, rollback } from '../good-module.js'

export default pagesModule({
  rollback: async (context) =>
    isReadOnly(context) ? [{ kind: 'reset-everything' } as unknown as Change] : rollback(context),
})
