"""Whole jobs under different ways to serve their steps, with the interventions counted."""
