import * as z from '../zod.js'
import { isOwnFile } from './package-file.js'

/** A file of the package itself, relative to it. */
export const ownFile: z.ZodType<string> = z
  .string()
  .min(1)
  .max(1_000)
  .refine((path) => !path.startsWith('/') && !path.includes('\0') && !path.includes('\\'), {
    message: 'must be a path relative to the package',
  })
  .refine(isOwnFile, { message: 'must not lie in node_modules or .git' })

/** One line for people. */
export const shortLine: z.ZodType<string> = z
  .string()
  .min(1)
  .max(500)
  .refine((text) => !/\p{Cc}/u.test(text), { message: 'must be one line without control characters' })
