"""The way to a collection of The Cancer Imaging Archive that comes as a package of IBM's Aspera."""

from __future__ import annotations

import shlex


def steps(page: str, package: str, folder: str) -> tuple[str, ...]:
    """Return the steps, with a browser and without.

    Args:
        page: The collection's page.
        package: What the package is called.
        folder: The folder to put it into.
    """
    with_browser = (
        "Under 'Data Access', press 'Download'. The browser asks for IBM Aspera Connect: install it (free), and "
        f"press 'Download' again. The package is called {package!r}."
    )
    # As the archive's own notebook has it: github.com/kirbyju/TCIA_Notebooks, TCIA_Aspera_CLI_Downloads.ipynb.
    without = (
        "Or, on a machine without a browser: copy the address of that button, install Ruby, and run",
        "  gem install aspera-cli",
        "  ascli config ascp install",
        f"  ascli faspex5 packages receive --url='ADDRESS' --to-folder={shlex.quote(folder)}",
    )
    return (
        f"Open {page} and read the licence and the data usage policy.",
        with_browser,
        "\n".join(without),
        "If there are zips in the package, unpack them where they lie.",
    )
