"""Steps from each revision of the store's tables to the next, run by Alembic."""
