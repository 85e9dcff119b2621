"""What lies beside the published database: catalogue, dictionary, methods and notes. Figures are read from the built file."""
