"""The commands for people: each in a module of its name."""
