"""Who: customers and their lines, staff, teams, qualifications, and what each may see and do."""
