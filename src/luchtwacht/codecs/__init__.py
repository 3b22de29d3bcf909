"""Bytes to messages and back, many at once, without I/O. One sub-package a protocol; none knows another."""
