"""IEA Critical Minerals Dataset: mining, refining and demand, as published, edition by edition."""
