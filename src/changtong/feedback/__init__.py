"""What we tell applicants, what they tell us about our work, and what follows from it."""
