"""What was asked, what people thought of the answers, and answers that an editor chose."""
