#!/usr/bin/env python
"""Django's own commands, with the embedded database running."""

import sys

from changtong.cli import ready


if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    with ready.database():
        execute_from_command_line(sys.argv)
