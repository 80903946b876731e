"""The database file: opening, locking, migrating, exporting, importing and backing it up."""
