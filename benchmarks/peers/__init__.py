"""Pullquote beside txtai and Haystack: the same weights, passages and questions, on the same machine.

``python -m benchmarks.peers setup`` makes an environment for each and the reader's weights as a checkpoint that they
load; ``python -m benchmarks.peers CORPUS QUESTIONS [--json FILE] [--write]`` measures.
"""
