"""The hosts of the tests of fetching, and how they may be asked."""

from sources.reading.catalog import LiveAccess

HOST, OTHER_HOST, FOREIGN_HOST = "www.publisher.test", "files.publisher.test", "elsewhere.test"
ACCESS = LiveAccess(hosts=(HOST, OTHER_HOST), largest_file_mb=50, verified="a test's own")
