"""Cohorts: cells, patients and classes, read from data sets as they are published, and divided into parts."""
