/** Version of this package, which every module in it states. A test compares it with package.json. */
export const VERSION = '0.1.0'
