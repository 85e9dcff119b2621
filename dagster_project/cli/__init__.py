"""The command `chokepoint`: one module a group of commands."""
