"""How the shipped reader is made: data, negatives, training, evaluation and export. Not part of the wheel."""
