"""The probabilistic matcher: how records are compared, and which pairs of them are likely the same. Knows no database of ours."""
