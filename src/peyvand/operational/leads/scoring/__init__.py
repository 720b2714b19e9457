"""Scores by rules: what a lead is (fit) and what its person did (engagement), with each point explained."""
