// node npm/packages.mjs BINARIES OUT: lays out the npm packages in OUT. For each BINARIES/<target>/manicheck there is a package with
// that binary, which npm installs on its platform only; `manicheck` depends on all of them and starts the one that is there.
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PLATFORMS = {
  'aarch64-apple-darwin': ['darwin', 'arm64'],
  'x86_64-apple-darwin': ['darwin', 'x64'],
  'aarch64-unknown-linux-musl': ['linux', 'arm64'],
  'x86_64-unknown-linux-musl': ['linux', 'x64'],
  'x86_64-pc-windows-msvc': ['win32', 'x64'],
};

const [binaries, out] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const main = JSON.parse(readFileSync(join(here, 'manicheck/package.json'), 'utf8'));

cpSync(join(here, 'manicheck'), join(out, 'manicheck'), { recursive: true });
for (const file of ['README.md', 'LICENSE']) copyFileSync(join(root, file), join(out, 'manicheck', file));

for (const [target, [os, cpu]] of Object.entries(PLATFORMS)) {
  const program = os === 'win32' ? 'manicheck.exe' : 'manicheck';
  const binary = join(binaries, target, program);
  if (!existsSync(binary)) {
    console.error(`no binary for ${target}`);
    continue;
  }
  const { version, license, repository } = main;
  const name = `@manicheck/${os}-${cpu}`;
  const description = `The manicheck binary for ${os} on ${cpu}`;
  const directory = join(out, `manicheck-${os}-${cpu}`);
  mkdirSync(directory, { recursive: true });
  const manifest = { name, version, description, license, repository, os: [os], cpu: [cpu], files: [program], preferUnplugged: true };
  writeFileSync(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync(join(root, 'LICENSE'), join(directory, 'LICENSE'));
  copyFileSync(binary, join(directory, program));
  chmodSync(join(directory, program), 0o755);
}
