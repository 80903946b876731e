"""The database file (opening, locking, migrating), and a session as a file of JSON lines."""
