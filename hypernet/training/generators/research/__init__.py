"""Questions with facts, plans for questions, claims with abstracts."""
