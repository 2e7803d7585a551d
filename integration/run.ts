export * from '../test/registry/run.js'
