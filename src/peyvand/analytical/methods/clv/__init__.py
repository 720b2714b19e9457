"""What a customer is still worth: whether they are still one, how often they will buy, and for how much."""
