/** Version of this package, which its modules state. A test compares it with package.json. */
export const VERSION = '0.1.0'
