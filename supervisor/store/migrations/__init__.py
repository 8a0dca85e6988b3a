"""Steps from each revision of the store's tables to the next, run by Alembic.

There is no way back: an older program refuses a newer database.
"""
