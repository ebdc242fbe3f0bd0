"""Take over cases from files."""

from changtong.cli.importing.commands import app


__all__ = ["app"]
