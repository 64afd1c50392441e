"""The native HTTP routes, one module a resource."""
