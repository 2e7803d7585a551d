import { z } from 'zod'
import { pagesModule } from '../good-module.js'

export default pagesModule({ options: z.object({ pages: z.int().default(8) }) })
