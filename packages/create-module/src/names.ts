const KEBAB_CASE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const PACKAGE_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/
const RESERVED = ['node_modules', 'favicon.ico']

/** The templates there are, by the language a module is written in. */
export const moduleTemplates = ['ts', 'bash'] as const

/** Name of a template: TypeScript, or bash. */
export type ModuleTemplate = (typeof moduleTemplates)[number]

/** True for what can be the id or the type of a module: kebab-case, at most 100 characters. */
export function isModuleId(text: string): boolean {
  return text.length <= 100 && KEBAB_CASE.test(text)
}

/** True for what npm takes as the name of a new package, with or without a scope. */
export function isPackageName(text: string): boolean {
  return text.length <= 214 && PACKAGE_NAME.test(text) && !RESERVED.includes(text)
}
