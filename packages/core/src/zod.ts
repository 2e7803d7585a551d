/**
 * The part of zod that options of modules and the formats of Janus are written with, in one small file.
 *
 * `import * as z from '@janus/core/zod'` gives the schemas that `zod` gives, read in a fifth of the time: `zod` itself
 * brings some sixty files and every language it speaks. What is not here is in `zod`, and schemas of both go together.
 * @module
 */
export type { infer, input, output, ZodError, ZodType } from 'zod'
export {
  array,
  base64,
  boolean,
  custom,
  discriminatedUnion,
  enum,
  int,
  json,
  lazy,
  literal,
  looseObject,
  NEVER,
  null,
  nullable,
  number,
  object,
  optional,
  prettifyError,
  record,
  strictObject,
  string,
  toJSONSchema,
  tuple,
  union,
  unknown,
  url,
} from 'zod'

/*!
 * zod, which the build of this package includes:
 *
 * MIT License
 *
 * Copyright (c) 2025 Colin McDonnell
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy
 * of this software and associated documentation files (the "Software"), to deal
 * in the Software without restriction, including without limitation the rights
 * to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
 * copies of the Software, and to permit persons to whom the Software is
 * furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all
 * copies or substantial portions of the Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
 * IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
 * FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
 * AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
 * LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
 * OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
 * SOFTWARE.
 */
