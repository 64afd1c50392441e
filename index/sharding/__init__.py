"""An index in parts that are searched side by side, on one machine or several."""
