import { test } from 'node:test'
import { moduleSuite } from '@janus/core/testing'
import fixtures from '../conformance-fixtures.mjs'
import module from '../src/index.js'

moduleSuite({ test, module, fixtures })
