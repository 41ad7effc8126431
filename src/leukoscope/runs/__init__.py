"""Runs: one recipe from start to report, in a folder that holds all of it."""
