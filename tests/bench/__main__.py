"""All benchmarks, one after the other, each in a process of its own: `make bench [ONLY='deciding http']`; ten minutes of
load, and what they leave in memory, when asked for: `make bench ONLY=lasting [MINUTES=10]`. What they print is kept in
`build/bench`, one file each. Figures are this machine's, and noise when it does something else as well.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

BENCHMARKS = ("answering", "audit", "deciding", "http", "hostile", "memory")
LASTING = "lasting"
"""Only when asked for."""
KEPT = Path("build/bench")


def measured(name: str, minutes: int) -> int:
    """Its exit code; what it prints is shown as it comes, and kept."""
    print(f"\n== {name}", flush=True)
    with (KEPT / f"{name}.txt").open("w", encoding="utf-8") as kept:
        asked = [sys.executable, "-u", "-m", f"tests.bench.{name}"]
        if name == LASTING:
            asked[-1:] = ["tests.bench.answering", "--part", LASTING, f"--minutes={minutes}"]
        with subprocess.Popen(asked, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ourselves
            for line in process.stdout or ():
                print(line, end="", flush=True)
                kept.write(line)
    return process.returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=(*BENCHMARKS, LASTING), default=BENCHMARKS, help=f"without it: all but {LASTING}"
    )
    parser.add_argument("--minutes", type=int, default=10, help=f"of {LASTING}")
    given = parser.parse_args()
    KEPT.mkdir(parents=True, exist_ok=True)
    return max([measured(name, given.minutes) for name in (*BENCHMARKS, LASTING) if name in given.only])


if __name__ == "__main__":
    sys.exit(main())
