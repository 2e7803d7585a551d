import { isAbsolute, resolve } from 'node:path'
import type { ConformanceReport, TestModuleOptions } from '../contract/conformance-report.js'
import type { JanusErrorCode } from '../errors/codes.js'
import { janusError } from '../errors/janus-error.js'
import type { AskingUser } from '../modules/asking-user.js'
import type { ModuleRegistry } from '../modules/module-registry.js'
import { requireSafeFile, requireSafeSubject } from '../modules/safe-module-path.js'
import { shellWord } from '../state/shell-word.js'
import { testModule } from './test-module.js'

/** What is known of modules, and of who asks. */
export interface TestContext {
  readonly registry: Pick<ModuleRegistry, 'find'>
  readonly user: AskingUser
}

/**
 * Runs the conformance suite on a module by its id, or on what lies at a path. Its JavaScript runs in this process, so
 * an id stands only for what may run here anyway; whoever wants more names the path.
 * @param name an id, or a path: what has a `/` or a `.` in it
 * @throws JANUS_MODULE_NOT_FOUND, JANUS_MODULE_UNTRUSTED, JANUS_MODULE_PATH_UNSAFE as root; why the module is blocked; what
 * {@link testModule} throws
 */
export async function testNamedModule(
  name: string,
  options: TestModuleOptions,
  { registry, user }: TestContext,
): Promise<readonly ConformanceReport[]> {
  if (options.fixtures !== undefined) await requireSafeFile(resolve(options.fixtures), user)
  if (/[/.]/.test(name)) {
    const path = isAbsolute(name) ? name : resolve(name)
    await requireSafeSubject(path, user)
    return testModule(path, options)
  }
  const { id, path, trusted, module, diagnostics } = await registry.find(name)
  const problem = diagnostics.find(({ severity }) => severity === 'error')
  if (problem !== undefined)
    throw janusError(problem.code as JanusErrorCode, problem.summary, {
      module: id,
      ...(problem.remedy === undefined ? {} : { remedy: problem.remedy }),
    })
  if (path === undefined || module !== undefined)
    throw janusError('JANUS_USAGE', `module ${id} was handed over as an object: there is no file to test`)
  if (trusted !== true) {
    const message = `testing module ${id} would run its code with all your rights, and it is not trusted`
    const remedy = `Read its code, then name its path: \`janus module test ${shellWord(path)}\`.`
    throw janusError('JANUS_MODULE_UNTRUSTED', message, { module: id, remedy, data: { path } })
  }
  return (await testModule(path, options)).filter((report) => report.module.id === id)
}
