"""Rules of English: follow-up questions, and who said what."""
