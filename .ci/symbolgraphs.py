"""Public symbols of the debug build's modules, by the toolchain; standard library only."""

import json
import os
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
MODULES = os.path.join(ROOT, ".build/debug/Modules")


def extract(module, folder):
    """Writes the symbol graphs of a module into a folder that exists."""
    if not os.path.exists(os.path.join(MODULES, f"{module}.swiftmodule")):
        sys.exit(f"no {MODULES}/{module}.swiftmodule; swift build makes it")
    info = subprocess.run(["swift", "-print-target-info"], stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(["swift", "symbolgraph-extract", "-module-name", module, "-I", MODULES,
                    "-target", json.loads(info)["target"]["triple"], "-output-dir", folder,
                    "-minimum-access-level", "public", "-skip-synthesized-members",
                    "-skip-inherited-docs"], check=True)
