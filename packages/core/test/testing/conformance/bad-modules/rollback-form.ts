import type { Change } from '../../../../src/contract/change.js'
import { pagesModule } from '../good-module.js'

export default pagesModule({
  rollback: async () => [{ kind: 'reset-everything' } as unknown as Change],
})
