"""Keys and values as they were meant: Chinese words, a room by its name, numbers with a unit behind them.

What has one meaning is taken; the rest is mended, so that no other problem follows from it, and named where it stands.
"""
