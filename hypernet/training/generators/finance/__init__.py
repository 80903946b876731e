"""Sentiment, figures and summaries of company news and reports."""
