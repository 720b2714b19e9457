"""An add-on for these tests: a reaction to every created or changed person, which does nothing but happen."""
