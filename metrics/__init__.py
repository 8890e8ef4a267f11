"""Arithmetic: pure functions from statistic tables to estimates and verdicts."""
