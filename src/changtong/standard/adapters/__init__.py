"""Where the files of an edition are kept."""
