/** `npm run` tells its children about itself, which would change what npm does in them: an environment without that. */
export function withoutNpmVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = (name: string): boolean =>
    /^npm_(package|lifecycle|command|execpath|node_execpath|config_(local_prefix|prefix|global_prefix))/.test(name)
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own(name)))
}
