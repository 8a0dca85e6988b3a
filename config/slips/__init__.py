"""What a hand at another keyboard writes: signs that look like YAML's own, and words that mean a key or a value.

`signs` knows which sign looks like which, `lines` mends what would break a line before the parser sees it, `meant` reads
keys and values as they were meant. What has one meaning is taken; the rest is mended, so that no other problem follows
from it, and named by its character and column.
"""
