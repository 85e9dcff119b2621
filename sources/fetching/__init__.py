"""The input `live`: asking publishers politely, and keeping what they send. docs/operate.md, part "live".

Belongs here: HTTP, downloads, the drop folder, where fetched files lie. Does not belong here: what a file
means (`sources/<source>/`), when it is asked for (`dagster_project/`). Nothing is done at import.

From the outside in: `fetch_edition.fetch_source`, `edition_store.EditionStore`, `sciencebase.files_of`,
`download.download`, `client.Client`.
"""
