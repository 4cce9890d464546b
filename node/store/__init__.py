"""What a node keeps on disk: database, tables, Merkle logs, records.

Only this package imports SQLAlchemy, Alembic and the database drivers.
"""
