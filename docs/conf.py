"""How the documentation is built: ``make docs``."""

import leukoscope

project = "Leukoscope"
author = "The Leukoscope authors"
release = leukoscope.__version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"Leukoscope {release}"
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autosummary_generate = True
autosummary_generate_overwrite = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
suppress_warnings = ["autosummary.import_cycle"]
nitpicky = False
