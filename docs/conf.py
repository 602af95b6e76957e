"""How the documentation is built: sphinx-build -W docs docs/_build/html."""

import sys
from pathlib import Path

import django
from django.conf import settings

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "invoicing_example"), str(HERE)]

# The reference is read from the docstrings, and models are read with their app.
settings.configure(
    INSTALLED_APPS=["sequences.apps.SequencesConfig", "invoicing"], USE_TZ=True
)
django.setup()

project = "django-seriatim"
author = "The django-seriatim authors"
project_copyright = author
release = "0.1.0"

extensions = ["myst_parser", "sphinx.ext.autodoc", "directives"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_class_signature = "mixed"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80

html_theme = "furo"
html_title = "django-seriatim"
html_static_path = ["_static"]
html_css_files = ["seriatim.css"]
html_show_sphinx = False
html_copy_source = False
# No fonts, no scripts from elsewhere: furo brings its own.
pygments_style = "friendly"
pygments_dark_style = "monokai"
