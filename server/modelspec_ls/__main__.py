"""``python -m modelspec_ls`` is ``modelspec``."""

from modelspec_ls.cli.main import main

if __name__ == "__main__":
    main()
