"""Faults and limits that people of this field report, measured on this product."""
