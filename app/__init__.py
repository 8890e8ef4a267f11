"""Composition: what a person or a shell touches.

The only place where a query meets a metric.
"""
