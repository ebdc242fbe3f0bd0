"""An edition of the standard as a book, with what was measured of each clause beside it."""
