"""Recognising a work by what is seen of it: as a whole (PDQ), by its parts (ORB).

The modules that compute are pure (`pdq`, `trimming`, `features`, `registration`, `words`); those
that look things up use the tables (`versions`, `perceptual_index`, `feature_index`).
"""
