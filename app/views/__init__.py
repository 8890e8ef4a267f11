"""Pages, one file each: read the address, fetch, draw. No formula, no SQL, no statistics."""
