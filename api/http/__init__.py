"""What all routes share: requests, responses, errors, and what stands around each request."""
