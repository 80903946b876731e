"""Fields of receipts, invoices and other business papers."""
