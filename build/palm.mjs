#!/usr/bin/env node
// The command `palm`: the set-up where something is missing, then src-main/entry/cli.ts under a Node that is new enough.
import { runSource } from './with-node.mjs'
import { reporting } from './setup/setup.mjs'

await reporting(() => runSource('src-main/entry/cli.ts', process.argv.slice(2)))
