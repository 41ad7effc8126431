"""How the documentation is built: ``make docs``."""

import sys
from pathlib import Path

import leukoscope

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "Leukoscope"
author = "The Leukoscope authors"
release = leukoscope.__version__
extensions = [
    "generated_pages",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "_ext", "reference/generated"]
html_theme = "furo"
html_title = f"Leukoscope {release}"
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
copybutton_exclude = ".linenos, .gp, .go"
nitpicky = False
