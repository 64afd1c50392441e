"""Versions of an index in a bucket: one builder publishes them, any number of replicas follows."""
