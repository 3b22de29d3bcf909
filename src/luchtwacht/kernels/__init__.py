"""Numerical loops, compiled: plain arrays in and out, never raise.

Each has a slow, obvious twin in `tests/oracles/`.
"""
