"""SQL, DuckDB and file formats: records in, statistic tables out.

Nothing here has a name in a paper.
"""
