"""Detectors of patterns in closed footprint bars: pure functions, and two memories."""

from actors.footprint.detectors.chain import Detectors


__all__ = ("Detectors",)
