"""Who may ask, who may write, and under which name the service is reached."""
