"""``python -m changtong.cli``, as the supervisor starts its own programs."""

from changtong.cli import main


# Processes that a command begins import this module again.
if __name__ == "__main__":
    main()
