import { janusError } from '../../errors/janus-error.js'

/** The refusal of a file that cannot be read with certainty, with the line. */
export function unclearLine(path: string, line: number, problem: string): Error {
  const message = `${path}, line ${line}: ${problem}; what it comes to can only be guessed, so it is not edited`
  const remedy = `Edit ${path} by hand, or write that line plainly and plan again.`
  return janusError('JANUS_HOST_UNFIT', message, { remedy, data: { path, line, problem } })
}
