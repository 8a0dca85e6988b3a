"""Signs of another keyboard in a text, before anybody parses it: mended, so that nothing else follows from them.

`alike` knows which sign looks like which, `lines` goes through a text once. What has one meaning is taken, the rest is
named by its character and column; the way back to the columns that were typed is kept.
"""
