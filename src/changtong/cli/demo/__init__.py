"""Demonstration and load data."""

from changtong.cli.demo.seeding import app


__all__ = ["app"]
