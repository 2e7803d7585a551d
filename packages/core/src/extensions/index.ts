export { createExtensions, type ExtensionsSettings } from './create-extensions.js'
