#!/usr/bin/env node
// Runs the binary of the package for this platform, with the same arguments, streams and exit status.
'use strict';

const { spawnSync } = require('node:child_process');

const platform = `${process.platform}-${process.arch}`;
const program = process.platform === 'win32' ? 'manicheck.exe' : 'manicheck';

let binary;
try {
  binary = require.resolve(`@manicheck/${platform}/${program}`);
} catch {
  console.error(
    `manicheck: error: the package @manicheck/${platform} is not installed. Either there is no release for ${platform}, ` +
      'or optional dependencies were left out (npm install --include=optional).',
  );
  process.exit(2);
}

const { status, signal, error } = spawnSync(binary, process.argv.slice(2), { stdio: 'inherit' });
if (error) {
  console.error(`manicheck: error: cannot run ${binary}: ${error.message}`);
  process.exit(2);
}
if (signal) process.kill(process.pid, signal);
process.exit(status ?? 2);
