"""The input `live`: asking publishers politely, and keeping what they send. docs/operate.md, part "live".

Belongs here: HTTP, downloads, the drop folder, where fetched files lie. Does not belong here: what a file
means (`sources/<source>/`), when it is asked for (`dagster_project/`). Nothing is done at import.

Entry points, from the outside in:

* `fetch_edition.fetch_source(source, raw, drop)`: every edition into its folder, pinned bytes only; an
  `EditionFetch` for each. Works on any `Source`, so also on one whose pins or editions were changed by
  `model_copy`: then read it by `sources.reading.published` with `Input.LIVE` and `raw`,
  and tidy it by `reader_of(…).tidy(published, source)`.
* `edition_store.EditionStore(raw, source, edition)`: files, `record` (`FetchedFile`: address, sha256, MD5, ETag, time), and in
  `changed/` what a publisher sends in place of pinned files, beside the old ones: candidates for a new pin.
* `sciencebase.files_of(client, item)` and `download.RemoteFile`: what a publisher has.
* `download.download(client, remote, to, known)`: one file, pinned or not; None where `known` still holds.
* `client.Client(source_id, access)`: documents; `errors.FetchError.is_transient` tells a passing failure from what a
  person must decide.
"""
