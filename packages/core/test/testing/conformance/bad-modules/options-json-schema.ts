import { z } from 'zod'
import { pagesModule } from '../good-module.js'

export default pagesModule({
  options: z.union([z.strictObject({ pages: z.int().default(8) }), z.strictObject({ page: z.int() })]),
})
