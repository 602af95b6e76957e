#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys

from django.core.management import execute_from_command_line

DEMONSTRATIONS = ("demo", "serve_demo")

if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in DEMONSTRATIONS:
        # Whatever the shell says: a demonstration never meets a database in use.
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings_demo"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    execute_from_command_line(sys.argv)
