"""Start the bundled server; ``--probe`` says in one line of JSON what would start.

Run with ``-I -S``: no PYTHON* variables, no user's site-packages, no ``.pth`` files, so that nothing installed on the
machine can shadow what is bundled here. Written so that an old Python reads it and gets to say its version.
"""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# The platform's compiled parser, where this build has one, and what runs anywhere.
sys.path[:0] = [os.path.join(HERE, name) for name in ("libs", "native")]


def probe():
    """What runs here: version of Python, its path, and which YAML parser."""
    try:
        import _ruamel_yaml  # noqa: F401

        parser = "C"
    except ImportError:
        parser = "pure Python"
    facts = {"version": list(sys.version_info[:3]), "executable": sys.executable, "parser": parser}
    sys.stdout.write(json.dumps(facts) + "\n")


def serve():
    """The language server on standard input and output."""
    import gc

    # Nothing made while importing is ever garbage; the server turns collection on again.
    gc.disable()
    from modelspec_ls.lsp.__main__ import main

    return main()


if __name__ == "__main__":
    sys.exit(probe() if "--probe" in sys.argv else serve())
