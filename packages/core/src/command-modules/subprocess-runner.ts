import { createLocalExecutor } from '../executor/index.js'
import { MOST_OUTPUT, type ProgramRunner } from './program-runner.js'

/** Runs programs with the rights of this process, in a process group of their own, within time and output. */
export function createSubprocessRunner(): ProgramRunner {
  const executor = createLocalExecutor()
  return {
    isolation: 'subprocess',
    run: ({ command, args, env, timeout, signal }) =>
      executor.run(command, args, {
        cwd: '/',
        env,
        timeout,
        maxOutput: MOST_OUTPUT,
        ...(signal === undefined ? {} : { signal }),
      }),
  }
}
