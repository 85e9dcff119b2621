"""Ministry of Mines of Freedonia, Output of minerals: a source to copy. README.md says what it is."""
