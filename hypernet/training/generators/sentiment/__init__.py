"""Opinions and emotions in reviews, tweets and notes on places."""
