"""Reports by mail: when, to whom, what stands in the letter, and what came of it."""
