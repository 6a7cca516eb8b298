"""Diagnoses the example workbook as its owner would, and says where the report is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "metal-parts.xlsx"
REPORT = ROOT / "out" / "metal-parts.html"


def main() -> int:
    """Run ``capillary diagnose`` on the example and announce the report."""
    command = [sys.executable, "-m", "capillary.cli", "diagnose", str(EXAMPLE), "--html", str(REPORT)]
    done = subprocess.run(command, check=False)
    if done.returncode == 0:
        print(f"\nThe report is ready, in Chinese and in English. Open it in a browser:\n  {REPORT.as_uri()}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
