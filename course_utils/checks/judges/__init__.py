"""The judges: references, thresholds and known mistakes. No submission sees them."""
