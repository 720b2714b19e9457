"""An add-on for the reliability tests: a reaction to every created or changed person, which does nothing but happen."""
