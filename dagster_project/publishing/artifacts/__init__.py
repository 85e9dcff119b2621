"""What lies beside the published database: catalogue, dictionary and notes. All of it is read from the built file."""
