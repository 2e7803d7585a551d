#!/usr/bin/env node
import '../dist/ubos.js'
