#!/usr/bin/env node
// `exec env COMMAND` for the scripts of package.json on Windows, whose shell has neither. Elsewhere `exec` is
// the shell's own, and this file is not looked at.
const { spawnSync } = require('node:child_process');

const [, ...command] = process.argv.slice(2);
process.exitCode = spawnSync(command.join(' '), { stdio: 'inherit', shell: true }).status ?? 1;
