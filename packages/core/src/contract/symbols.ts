/**
 * Brand carried by every value that crosses a package boundary, so that two installed copies of core recognise each
 * other's objects (an `instanceof` would not).
 */
export const JANUS_BRAND = '$$janus'

/** Brand of a module made by {@link defineModule} for Module API v1. */
export const MODULE_BRAND = 'module/v1'

/** Brand of a {@link JanusError}. */
export const ERROR_BRAND = 'error/v1'

/** The Module API versions this core speaks. */
export const SUPPORTED_MODULE_API = [1] as const
