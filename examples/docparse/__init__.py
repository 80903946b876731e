"""Invoices and receipts to checked JSON, by an agent whose tasks learn from corrections."""
