"""``python -m classic_anpr`` is the command ``classic-anpr``."""

from classic_anpr.cli.main import main

if __name__ == "__main__":
    main()
