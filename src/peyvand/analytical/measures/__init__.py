"""What can be asked of the warehouse: measures as Ibis expressions, alike on every engine. Importing it loads no engine."""
