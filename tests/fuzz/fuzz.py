"""Coverage-guided fuzzing with atheris: ``python tests/fuzz/fuzz.py [TARGET …] [--seconds N]``.

Without a target each one has its share of the time, in a process of its own. What fails is written to
``.cache/fuzz/TARGET`` and, made small, belongs into ``tests/fuzz/found``, which every test run tries again.
"""

import argparse
import logging
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WORK = ROOT / ".cache" / "fuzz"


def main() -> int:
    """All targets, or one in this process."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.path[:0] = [str(ROOT / "server"), str(ROOT / "tests"), str(HERE)]
    os.environ |= {"HF_HUB_CACHE": os.devnull, "MODELSPEC_CACHE": "off"}
    if options.inside:
        run(options.targets[0], options.seconds)
        return 0
    from targets import TARGETS

    failed = [name for name in options.targets or TARGETS if not passes(name, options.seconds)]
    print(f"failed: {', '.join(failed)}" if failed else "nothing failed")
    return bool(failed)


def passes(name: str, seconds: int) -> bool:
    """Run one target in a process of its own."""
    print(f"== {name}, {seconds} s", flush=True)
    command = [sys.executable, __file__, name, "--seconds", str(seconds), "--inside"]
    return subprocess.run(command, check=False).returncode == 0


def run(name: str, seconds: int) -> None:
    """Fuzz one target until the time is over or it fails."""
    import atheris

    logging.getLogger().addHandler(logging.NullHandler())  # The targets look at what is logged.
    with atheris.instrument_imports(include=["modelspec_ls"]):
        import targets

    work = WORK / name
    corpus = work / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(targets.seeds(name)):
        (corpus / f"seed-{number}").write_bytes(seed)
    limits = [f"-max_total_time={seconds}", "-max_len=2048", "-timeout=30", "-rss_limit_mb=4096"]
    paths = [f"-artifact_prefix={work}/", str(corpus)]
    atheris.Setup([sys.argv[0], *limits, "-print_final_stats=1", "-verbosity=1", *paths], targets.TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
