"""``python -m changtong.cli``, as the supervisor starts its own programs."""

from changtong.cli import main


main()
