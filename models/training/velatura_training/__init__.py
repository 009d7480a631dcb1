"""Trains and exports Velatura's own networks: `velatura-light`'s style network and its depth network."""
