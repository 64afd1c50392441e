"""How good the answers to questions with known answers are, and what is fitted to them."""
