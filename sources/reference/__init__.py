"""Our own cited lists: minerals, stages, countries and their aliases. They reach the lake like a source."""
