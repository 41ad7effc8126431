"""``python -m leukoscope`` is the command line."""

from leukoscope.cli.main import main

if __name__ == "__main__":
    main()
