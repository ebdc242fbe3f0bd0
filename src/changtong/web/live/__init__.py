"""What happens, told to the screens that are open: which rows changed, and who else looks."""
